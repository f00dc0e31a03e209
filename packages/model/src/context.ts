import { isoTime, type Json, type JsonObject, valueError } from '@micronova/versionedobjects'

/**
 * Who asks, and for which request. Made once per request, handed as the first argument.
 * Its wire form is the `_context_*` keys of a message; see `contextToDict`.
 */
export interface RequestContext {
  /** `req-<uuid>`. */
  readonly requestId: string
  readonly globalRequestId: string | null
  readonly userId: string | null
  readonly projectId: string | null
  readonly userName: string | null
  readonly projectName: string | null
  readonly domainId: string | null
  readonly userDomainId: string | null
  readonly projectDomainId: string | null
  readonly systemScope: string | null
  readonly resourceUuid: string | null
  readonly isAdmin: boolean
  readonly isAdminProject: boolean
  readonly readOnly: boolean
  readonly readDeleted: 'no' | 'yes' | 'only'
  readonly roles: readonly string[]
  readonly remoteAddress: string | null
  /** `%Y-%m-%dT%H:%M:%S.%f`. */
  readonly timestamp: string
  readonly quotaClass: string | null
  readonly authToken: string | null
  readonly serviceCatalog: readonly unknown[]
}

/** What a new context needs. */
export interface ContextDeps {
  readonly clock: { now(): number }
  readonly random: { uuid(): string }
}

/** A context of nobody in particular with all rights: for what a service does by itself. */
export function adminContext(deps: ContextDeps, options: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: `req-${deps.random.uuid()}`,
    globalRequestId: null,
    userId: null,
    projectId: null,
    userName: null,
    projectName: null,
    domainId: null,
    userDomainId: null,
    projectDomainId: null,
    systemScope: null,
    resourceUuid: null,
    isAdmin: true,
    isAdminProject: true,
    readOnly: false,
    readDeleted: 'no',
    roles: [],
    remoteAddress: null,
    timestamp: timestampOf(deps.clock.now()),
    quotaClass: null,
    authToken: null,
    serviceCatalog: [],
    ...options,
  }
}

/** The same request with all rights. */
export function elevated(ctx: RequestContext, options: Partial<Pick<RequestContext, 'readDeleted'>> = {}): RequestContext {
  return { ...ctx, isAdmin: true, roles: ctx.roles.includes('admin') ? ctx.roles : [...ctx.roles, 'admin'], ...options }
}

/**
 * The wire form: each key goes onto a message as `_context_<key>`, in this order.
 *
 * @see nova 26.2.2, `context.py`, `to_dict`; oslo.context 5.0.0
 */
export function contextToDict(ctx: RequestContext): JsonObject {
  return {
    user: ctx.userId,
    project_id: ctx.projectId,
    system_scope: ctx.systemScope,
    project: ctx.projectId,
    domain: ctx.domainId,
    user_domain: ctx.userDomainId,
    project_domain: ctx.projectDomainId,
    is_admin: ctx.isAdmin,
    read_only: ctx.readOnly,
    show_deleted: false, // Nova says it with read_deleted
    auth_token: ctx.authToken,
    request_id: ctx.requestId,
    global_request_id: ctx.globalRequestId,
    resource_uuid: ctx.resourceUuid,
    roles: ctx.roles,
    user_identity: userIdentity(ctx),
    is_admin_project: ctx.isAdminProject,
    user_id: ctx.userId,
    read_deleted: ctx.readDeleted,
    remote_address: ctx.remoteAddress,
    timestamp: ctx.timestamp,
    quota_class: ctx.quotaClass,
    user_name: ctx.userName,
    service_catalog: ctx.serviceCatalog as readonly Json[],
    project_name: ctx.projectName,
  }
}

/** `user project domain user_domain project_domain`, a dash for each that is not known. */
export function userIdentity(ctx: RequestContext): string {
  return [ctx.userId, ctx.projectId, ctx.domainId, ctx.userDomainId, ctx.projectDomainId].map((id) => id || '-').join(' ')
}

/** What stands for the request id and the time of a peer that sent none: nothing can be made up without clock and chance. */
const nobodysRequest = { requestId: 'req-00000000-0000-0000-0000-000000000000', timestamp: '1970-01-01T00:00:00.000000' }

/**
 * The context of a message, from its `_context_*` keys without that prefix. Keys that are unknown are ignored.
 *
 * @throws VersionedObjectError `ValueError` for a `read_deleted` that is none
 */
export function contextFromDict(values: JsonObject): RequestContext {
  return {
    requestId: textOf(values.request_id) ?? nobodysRequest.requestId,
    globalRequestId: textOf(values.global_request_id),
    userId: textOf(values.user_id) ?? textOf(values.user),
    projectId: textOf(values.project_id),
    userName: textOf(values.user_name),
    projectName: textOf(values.project_name),
    domainId: textOf(values.domain),
    userDomainId: textOf(values.user_domain),
    projectDomainId: textOf(values.project_domain),
    systemScope: textOf(values.system_scope),
    resourceUuid: textOf(values.resource_uuid),
    isAdmin: values.is_admin === true,
    isAdminProject: values.is_admin_project !== false,
    readOnly: values.read_only === true,
    readDeleted: readDeletedOf(values.read_deleted),
    roles: listOf(values.roles).map(String),
    remoteAddress: textOf(values.remote_address),
    timestamp: textOf(values.timestamp) ?? nobodysRequest.timestamp,
    quotaClass: textOf(values.quota_class),
    authToken: textOf(values.auth_token),
    serviceCatalog: listOf(values.service_catalog).filter(isNeededService),
  }
}

/**
 * The context that a notification carries: who and which request, but no token, no service catalogue and no address.
 * It is made anew, hence its own time.
 *
 * @see oslo.messaging 14.0.3, `notify/notifier.py`, `_sanitize_context`
 */
export function notificationContext(ctx: RequestContext, deps: Pick<ContextDeps, 'clock'>): RequestContext {
  return {
    ...ctx,
    timestamp: timestampOf(deps.clock.now()),
    authToken: null,
    serviceCatalog: [],
    remoteAddress: null,
    quotaClass: null,
    resourceUuid: null,
    readDeleted: 'no',
    readOnly: false,
  }
}

/** `%Y-%m-%dT%H:%M:%S.%f` of milliseconds since 1970. */
function timestampOf(ms: number): string {
  const at = new Date(ms)
  return `${isoTime(at).slice(0, -1)}.${String(at.getUTCMilliseconds() * 1000).padStart(6, '0')}`
}

/** Services that Nova asks on behalf of the user; the rest of the catalogue is dropped. */
const neededServices = new Set<Json | undefined>([
  'image',
  'block-storage',
  'volumev3',
  'key-manager',
  'placement',
  'network',
  'accelerator',
])

function isNeededService(service: Json): boolean {
  return typeof service === 'object' && service !== null && 'type' in service && neededServices.has(service.type)
}

function readDeletedOf(value: Json | undefined): RequestContext['readDeleted'] {
  if (value === undefined || value === null) return 'no'
  if (value === 'no' || value === 'yes' || value === 'only') return value
  throw valueError(`read_deleted can only be one of 'no', 'yes' or 'only', not ${JSON.stringify(value)}`)
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
