import type { Json, JsonObject } from '../json.js'

/** Keys of a request context that may stand in a notification; anybody on the notification bus can read it. */
const safeKeys = new Set([
  'user_id',
  'project_id',
  'domain_id',
  'user_domain_id',
  'project_domain_id',
  'is_admin',
  'request_id',
  'roles',
  'user_name',
  'project_name',
  'domain_name',
  'user_domain_name',
  'project_domain_name',
  'global_request_id',
  'system_scope',
  'user',
  'project',
  'domain',
  'user_domain',
  'project_domain',
  'is_admin_project',
  'read_only',
  'show_deleted',
  'read_deleted',
  'user_identity',
  'timestamp',
])

/**
 * The context with every other key emptied (`auth_token`, `service_catalog`, `remote_address` ...). Upstream makes a
 * context anew from the safe keys, which leaves the others on the wire with their empty defaults.
 *
 * @see oslo.messaging 14.0.3, `notify/notifier.py`, `_sanitize_context`
 */
export function withoutSecrets(context: JsonObject): JsonObject {
  const safe: Record<string, Json> = {}
  for (const key in context) {
    const value = context[key] as Json
    safe[key] = safeKeys.has(key) ? value : Array.isArray(value) ? [] : null
  }
  return safe
}
