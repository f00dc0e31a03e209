export type { HelperDefaults } from './client/helper-command.js'
export { type CallOptions, type Privileged, type PrivsepDeps, PrivsepHelper, type PrivsepOptions } from './client/privsep-helper.js'
export { PrivilegedCallFailed, PrivsepError, type PrivsepErrorCode } from './errors.js'
export { type PrivsepSettings, privsepOptions } from './options.js'
