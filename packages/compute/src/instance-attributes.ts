import type { Instance, InstanceAttribute, RequestContext, Stores } from '@micronova/model'

/** Load what a sender left out of the instance; nothing is asked if it is all there. */
export async function ensureLoaded(
  { instances }: Pick<Stores, 'instances'>,
  ctx: RequestContext,
  instance: Instance,
  attributes: readonly InstanceAttribute[],
): Promise<void> {
  const missing = attributes.filter((attribute) => !instance.objIsSet(attribute))
  if (missing.length > 0) await instances.load(ctx, instance, missing)
}
