import type { RequestSpec } from '@micronova/model'

/** What a user says of where an instance shall be; undefined without it. */
export function hintOf(spec: RequestSpec, name: string): readonly string[] | undefined {
  const hints = spec.objIsSet('scheduler_hints') ? spec.scheduler_hints : null
  return hints !== null && Object.hasOwn(hints, name) ? hints[name] : undefined
}

/** An instance stays on its host and gets another image: only some filters are asked, and nothing is claimed. */
export function isRebuild(spec: RequestSpec): boolean {
  const check = hintOf(spec, '_nova_check_type')
  return check?.length === 1 && check[0] === 'rebuild'
}
