import type { LogContext } from '../logger.js'

type Values = Readonly<Record<string, (context: LogContext) => unknown>>

/**
 * What oslo.log knows of a request, by its names. `service_catalog` is left out on purpose: it is large and tells
 * nothing about the line.
 *
 * @see oslo.context 5.0.0, `get_logging_values`; nova 26.2.2, `RequestContext.to_dict`
 */
export const contextValues: Values = {
  user_name: (context) => context.userName ?? null,
  project_name: (context) => context.projectName ?? null,
  domain_name: () => null,
  user_domain_name: () => null,
  project_domain_name: () => null,
  user: (context) => context.userId ?? null,
  project_id: (context) => context.projectId ?? null,
  system_scope: (context) => context.systemScope ?? null,
  project: (context) => context.projectId ?? null,
  domain: (context) => context.domainId ?? null,
  user_domain: (context) => context.userDomainId ?? null,
  project_domain: (context) => context.projectDomainId ?? null,
  is_admin: (context) => context.isAdmin ?? false,
  read_only: (context) => context.readOnly ?? false,
  show_deleted: () => false,
  auth_token: (context) => (context.authToken ? '***' : null),
  request_id: (context) => context.requestId,
  global_request_id: (context) => context.globalRequestId ?? null,
  resource_uuid: (context) => context.resourceUuid ?? null,
  roles: (context) => context.roles ?? [],
  user_identity: (context) =>
    [context.userId, context.projectId, context.domainId, context.userDomainId, context.projectDomainId]
      .map((value) => value || '-')
      .join(' '),
  is_admin_project: (context) => context.isAdminProject ?? true,
  user_id: (context) => context.userId ?? null,
  read_deleted: (context) => context.readDeleted ?? 'no',
  remote_address: (context) => context.remoteAddress ?? null,
  timestamp: (context) => context.timestamp ?? null,
  quota_class: (context) => context.quotaClass ?? null,
}

/** All of them, as the JSON formatter writes them. */
export function contextObject(context: LogContext): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const name in contextValues) object[name] = contextValues[name]!(context)
  return object
}
