// The face for `privileged/` folders and for the helper's main: everything below it is built of Node's own modules alone.

export { runHelper } from '../helper/run-helper.js'
export { type ArgumentSchema, type Arguments, type ArgumentType, arg } from './arguments.js'
export { capabilityOf } from './capabilities.js'
export {
  type CallScope,
  type ChannelValue,
  type HelperLog,
  type PrivilegedFunction,
  type PrivilegedModules,
  type PrivsepContext,
  privileged,
  privsepContext,
} from './definition.js'
export { CommandFailed, type RunCommandOptions, runCommand } from './run-command.js'
