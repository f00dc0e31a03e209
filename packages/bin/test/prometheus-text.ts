/** A sample of the text format: `name{labels} value`. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly samples: readonly Sample[]
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const sampleLine = new RegExp(`^(${metricName})(?:\\{((?:${label})(?:,${label})*)?\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|[+-]Inf|NaN)$`)
const suffixes: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] }

/**
 * Reads the text format 0.0.4, and refuses what a Prometheus may refuse: samples before their TYPE or under another name, a family or a
 * sample that comes twice, a counter without `_total` or below zero, buckets that fall, a text without a newline at its end.
 *
 * @throws Error
 * @see prometheus.io/docs/instrumenting/exposition_formats
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('no newline at the end')
  const families = new Map<string, { name: string; type: string; samples: Sample[] }>()
  const seen = new Set<string>()
  let helped: string | null = null
  let family: { name: string; type: string; samples: Sample[] } | null = null
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, keyword, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${metricName}) (.+)$`).exec(line) ?? []
    if (keyword === 'HELP') helped = name
    else if (keyword === 'TYPE') {
      if (helped !== name || families.has(name)) throw new Error(`TYPE of ${name} without its HELP, or for the second time`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`${name} is of no known type: ${rest}`)
      if (rest === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`)
      family = { name, type: rest, samples: [] }
      families.set(name, family)
    } else {
      const match = sampleLine.exec(line)
      if (match === null || family === null) throw new Error(`not a line of the format: ${line}`)
      const sample = { name: match[1] ?? '', labels: labelsOf(match[2] ?? ''), value: Number(match[3]?.replace('Inf', 'Infinity')) }
      const names = (suffixes[family.type] ?? ['']).map((suffix) => family?.name + suffix)
      if (!names.includes(sample.name)) throw new Error(`${sample.name} stands under ${family.name}`)
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()])
      if (seen.has(key)) throw new Error(`${line} comes twice`)
      if (family.type !== 'gauge' && !(sample.value >= 0)) throw new Error(`below zero: ${line}`)
      seen.add(key)
      family.samples.push(sample)
    }
  }
  for (const { type, samples } of families.values()) if (type === 'histogram') checkBuckets(samples)
  return families
}

/** The sum of the samples that have these labels. */
export function figure(families: ReadonlyMap<string, Family>, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const all = [...families.values()].flatMap(({ samples }) => samples).filter((sample) => sample.name === name)
  const found = all.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
  return found.reduce((sum, { value }) => sum + value, 0)
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]))
}

function checkBuckets(samples: readonly Sample[]): void {
  const rows = new Map<string, number[]>()
  for (const { name, labels, value } of samples) {
    if (!name.endsWith('_bucket')) continue
    const { le, ...others } = labels
    const key = JSON.stringify(Object.entries(others).sort())
    const row = rows.get(key) ?? []
    if (value < (row.at(-1) ?? 0)) throw new Error(`the buckets of ${name} fall at ${le}`)
    rows.set(key, [...row, value])
  }
}
