import type { ReportObject, ReportValue } from '../model.js'
import { isList, isObject, pythonText, sortedItems, sortedNames } from './python-text.js'

/** A member is an element, an item of a list an `item`. @see oslo.reports 2.4.0, `views/xml/generic.py` */
export function xmlView(model: ReportObject, root = 'model'): string {
  return element(root, model)
}

function element(name: string, value: ReportValue): string {
  const content = contentOf(value)
  const tag = elementName(name)
  return content === '' ? `<${tag} />` : `<${tag}>${content}</${tag}>`
}

function contentOf(value: ReportValue): string {
  if (isObject(value))
    return sortedNames(value)
      .map((name) => element(name, value[name] ?? null))
      .join('')
  if (isList(value))
    return sortedItems(value)
      .map((item) => element('item', item))
      .join('')
  return xmlText(pythonText(value))
}

/** What XML cannot hold at all becomes U+FFFD: upstream would write a document that no one can read. */
export function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  return legal.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

function elementName(name: string): string {
  const legal = name.replace(/[^\w.-]/g, '_')
  return /^[A-Za-z_]/.test(legal) ? legal : `_${legal}`
}
