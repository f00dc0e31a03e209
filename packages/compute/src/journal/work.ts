import { decodeRequest, type JsonObject, parseJson, type Serializer } from '@micronova/messaging'
import { Instance, type RequestContext } from '@micronova/model'
import type { WireArguments } from '../operation.js'

/** A message of the journal, deserialized. */
export interface JournalledWork {
  readonly method: string
  readonly ctx: RequestContext
  readonly args: WireArguments
  /** As it was when the message was sent. */
  readonly instance: Instance
}

/**
 * Read the inner message that a journal has kept.
 *
 * @returns null for a message without an instance: no operation that is journalled is such
 * @throws what the serializer throws for objects that it does not know
 */
export async function readWork(serializer: Serializer<RequestContext>, text: string): Promise<JournalledWork | null> {
  const request = decodeRequest(parseJson(text) as JsonObject)
  const ctx = serializer.deserializeContext(request.context)
  const args: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(request.args)) args[name] = await serializer.deserializeEntity(ctx, value)
  const { instance } = args
  return instance instanceof Instance ? { method: String(request.method), ctx, args, instance } : null
}
