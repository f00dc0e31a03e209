import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ProcessModel, ReportObject, Section, ThreadModel } from './model.js'
import { renderReport } from './render-report.js'
import { jsonView } from './views/json-view.js'
import { processesView } from './views/processes-view.js'
import { threadsView } from './views/threads-view.js'
import { sectionTitle } from './views/titles.js'
import { valuesView } from './views/values-view.js'
import { xmlView } from './views/xml-view.js'

interface Golden {
  readonly cases: Readonly<Record<string, { model: ReportObject; text: string; configuration: string; json: string; xml: string }>>
  readonly threads: string
  readonly processes: string
  readonly title: string
}
const golden: Golden = JSON.parse(readFileSync(fileURLToPath(new URL('../../test/fixtures/oslo-reports.json', import.meta.url)), 'utf8'))

for (const [name, { model, text, configuration, json, xml }] of Object.entries(golden.cases))
  test(`what upstream's views make of the model '${name}', ours make too`, () => {
    assert.equal(valuesView(model), text)
    assert.equal(valuesView(model, { groupSeparator: ': ', spaced: true }), configuration)
    assert.equal(jsonView(model), json)
    assert.equal(xmlView(model), xml)
  })

test('threads look as upstream shows them, one without a stack included', () => {
  const stack = [
    { filename: '/a/b.py', line: 12, name: 'run', code: 'x()' },
    { filename: '/a/c.py', line: 7, name: '<module>', code: null },
  ]
  const threads: ThreadModel[] = [
    { title: 'Thread #1', notes: [], stack },
    { title: 'Thread #2', notes: [], stack: [] },
  ]
  assert.equal(threadsView(threads), golden.threads)
})

test('a process and its child look as upstream shows them where nothing more is known', () => {
  const base = { username: 'nova', uid: 64060, state: 'running', command: '', since: null, children: [] }
  const model: ProcessModel = { ...base, pid: 10, parent_pid: 1, children: [{ ...base, pid: 11, parent_pid: 10 }] }
  assert.equal(processesView(model), golden.processes)
})

test('a text report begins with the title of a guru meditation and has each section under its own', () => {
  const report = renderReport([{ name: 'package', title: 'Package', form: 'values', model: { product: 'OpenStack Nova' } }], 'text')
  assert.equal(report, `${golden.title}\n${sectionTitle('Package')}product = OpenStack Nova\n`)
})

const sections: readonly Section[] = [
  { name: 'package', title: 'Package', form: 'values', model: { product: 'OpenStack Nova' } },
  {
    name: 'tables',
    title: 'Tables',
    form: 'tables',
    model: {
      steps: [
        { name: 'b', seconds: 1 },
        { name: 'a<\u0001', seconds: null },
      ],
    },
  },
]

test('a report as JSON is one object with a member for each section', () => {
  assert.deepEqual(JSON.parse(renderReport(sections, 'json')), {
    package: { product: 'OpenStack Nova' },
    tables: sections[1]?.model,
  })
})

test('a report as XML is one element, whose lists of objects keep their order, without characters that XML has not', () => {
  assert.equal(
    renderReport(sections, 'xml'),
    '<?xml version="1.0" encoding="utf-8"?>\n<report><package><product>OpenStack Nova</product></package><tables><steps>' +
      '<item><name>b</name><seconds>1</seconds></item><item><name>a&lt;\ufffd</name><seconds>None</seconds></item></steps></tables></report>\n',
  )
})

test('a table has a column for each member, as wide as what is in it', () => {
  assert.match(renderReport(sections.slice(1), 'text'), /steps:\n {2}name {2}seconds\n {2}b {5}1\n {2}a<. {3}-\n/u)
})
