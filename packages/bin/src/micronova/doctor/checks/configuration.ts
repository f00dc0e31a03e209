import type { CheckedConfig } from '../../config/check.js'
import { type Check, type Finding, failed, ok, warning } from '../check.js'

export function configuration(checked: CheckedConfig): Check {
  return { name: 'configuration', run: async () => judgeConfiguration(checked) }
}

export function judgeConfiguration({ files, problems, unimplemented }: Omit<CheckedConfig, 'config'>): Finding {
  const read = files.length === 0 ? 'no file is there, all is as by default' : `read: ${files.join(', ')}`
  const all = 'micronova config check names each with its file and line'
  const [first] = problems
  if (first !== undefined) {
    const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`
    const place = first.location?.kind === 'file' ? `${first.location.file}:${first.location.line}: ` : ''
    return (first.severity === 'error' ? failed : warning)(`${place}${first.message}${more}`, all)
  }
  if (unimplemented.length > 0) return warning(`${unimplemented.length} options that are set have no effect here`, all)
  return ok(read)
}
