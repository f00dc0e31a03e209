import type { Logger } from '@micronova/log'
import { pythonFloat } from '@micronova/model'

/** The elements `name=ratio` of `[metrics] weight_setting`; others are left out with a warning. */
export function weightSettings(elements: readonly string[], log: Logger): readonly { readonly name: string; readonly ratio: number }[] {
  const all = elements.map((element) => {
    const at = element.indexOf('=')
    return { element, name: element.slice(0, Math.max(at, 0)), ratio: at < 0 ? null : pythonFloat(element.slice(at + 1)) }
  })
  const wrong = all.filter(({ name, ratio }) => name === '' || ratio === null)
  if (wrong.length > 0)
    log.warning(`Ignoring the invalid elements of the option metrics.weight_setting: ${wrong.map(({ element }) => element).join(', ')}`)
  return all.flatMap(({ name, ratio }) => (name === '' || ratio === null ? [] : [{ name, ratio }]))
}
