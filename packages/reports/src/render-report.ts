import type { ProcessModel, ReportFormat, Section, ThreadModel } from './model.js'
import { jsonView } from './views/json-view.js'
import { processesView } from './views/processes-view.js'
import { tablesView } from './views/tables-view.js'
import { threadsView } from './views/threads-view.js'
import { sectionTitle } from './views/titles.js'
import { valuesView } from './views/values-view.js'
import { xmlView } from './views/xml-view.js'

/**
 * A whole report, with a line break at its end. As text it looks as upstream's; as JSON it is one object and as XML one element,
 * `report`, with a member for each section: upstream has these forms for a section, and none for a report.
 */
export function renderReport(sections: readonly Section[], format: ReportFormat): string {
  const models = Object.fromEntries(sections.map(({ name, model }) => [name, model]))
  if (format === 'json') return `${jsonView(models)}\n`
  if (format === 'xml') return `<?xml version="1.0" encoding="utf-8"?>\n${xmlView(models, 'report')}\n`
  const head = `${sectionTitle('Guru Meditation')}${'|'.repeat(72)}\n\n`
  return `${[head, ...sections.map((section) => `${sectionTitle(section.title)}${sectionText(section)}`)].join('\n')}\n`
}

function sectionText({ form, model }: Section): string {
  switch (form) {
    case 'values':
      return valuesView(model)
    case 'configuration':
      return valuesView(model, { groupSeparator: ': ', spaced: true })
    case 'threads':
      return threadsView(model['threads'] as readonly ThreadModel[])
    case 'processes':
      return processesView(model as ProcessModel)
    case 'tables':
      return tablesView(model)
  }
}
