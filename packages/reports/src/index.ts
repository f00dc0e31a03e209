export { mainThreadMark } from './guard/guard-thread.js'
export { StuckGuard, type StuckGuardOptions } from './guard/stuck-guard.js'
export {
  type FrameModel,
  type ProcessModel,
  type ReportFormat,
  type ReportObject,
  type ReportValue,
  reportFormats,
  type Section,
  type TextForm,
  type ThreadModel,
} from './model.js'
export { type ReportSettings, reportOptions } from './options.js'
export { renderReport } from './render-report.js'
export { configurationSection } from './sections/configuration.js'
export { type PackageFacts, packageSection, type RuntimeFacts } from './sections/package.js'
export { processesSection } from './sections/processes.js'
export { runtimeSection } from './sections/runtime.js'
export { stackHere, threadsSection } from './sections/threads.js'
export { seconds, timeText } from './times.js'
export { TriggerFile, type TriggerFileDeps } from './trigger-file.js'
export { type ReportPlace, writeReport } from './write-report.js'
