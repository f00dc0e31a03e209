export { type Catalogue, zedCatalogue } from './catalogue.js'
export { type ConfigProblem, type ConfigProblemKind, type ConfigReport, checkConfig } from './check-config.js'
export { compareWithReference } from './compare-with-reference.js'
export type { Change, ConfigEntry, Mutation, ParsedConfig } from './config.js'
export {
  type Config,
  type DeprecatedName,
  defineOptions,
  type OptionAttributes,
  type OptionGroup,
  type OptionLimits,
  type OptionSpec,
  type OptionTypeName,
  opt,
  type Section,
} from './declare.js'
export { dumpConfig } from './dump.js'
export {
  ConfigError,
  ConfigFileUnreadable,
  ConfigSyntaxError,
  DeclarationError,
  OptionValueError,
  SeveralConfigErrors,
  SubstitutionError,
  UsageError,
} from './errors.js'
export { describeLocation, type SettingLocation } from './location.js'
export { memorySources } from './memory-sources.js'
export type { UnknownOption } from './notices.js'
export { type ParseConfigOptions, type ParseOutcome, parseConfig } from './parse-config.js'
export type { Defaults } from './reading.js'
export { renderSample } from './sample.js'
export { type ConfigSources, systemSources } from './sources.js'
export { mask } from './values.js'
