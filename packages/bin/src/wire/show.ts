import { decodeMessage, formatJson, type Json, type JsonObject, type Message } from '@micronova/messaging'
import { isObject, type RecordedMessage } from './recording.js'

/** A message in one line, and its content below it: what a person wants to know of it. */
export function showMessage(recorded: RecordedMessage): string {
  const to = recorded.exchange === '' ? recorded.routingKey : `${recorded.exchange}/${recorded.routingKey}`
  const lost = recorded.routedQueues.length === 0 ? '  (nobody listened)' : ''
  const head = `${recorded.t.toFixed(3).padStart(9)}  ${recorded.sender ?? '?'} -> ${to}${lost}`
  const content = recorded.message === null ? 'not a message of oslo.messaging' : showContent(decodeMessage(recorded.message))
  return `${head}\n${indent(content)}`
}

function showContent(message: Message): string {
  switch (message.kind) {
    case 'request': {
      const { method, args, namespace, version, replyTo, context } = message
      const name = `${namespace === null ? '' : `${namespace}.`}${method} ${version ?? '1.0'}`
      const request = typeof context['request_id'] === 'string' ? `  ${context['request_id']}` : ''
      return `${replyTo === null ? 'cast' : 'call'} ${name}${request}\n${indent(showFields(args))}`
    }
    case 'reply': {
      if (message.failure !== null) return `failure ${message.failure.module}.${message.failure.class}: ${message.failure.message}`
      return message.ending ? `result ${brief(message.result)}` : 'heartbeat'
    }
    case 'notification':
      return `${message.priority} ${message.eventType} of ${message.publisherId}\n${indent(isObject(message.payload) ? showFields(message.payload) : brief(message.payload))}`
  }
}

function showFields(fields: JsonObject): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} = ${brief(value)}`)
    .join('\n')
}

/** An object by its name, version and what identifies it; anything else as JSON, cut where it grows long. */
function brief(value: Json): string {
  if (Array.isArray(value)) return clip(`[${value.map(brief).join(', ')}]`)
  if (!isObject(value)) return clip(formatJson(value))
  const name = value['nova_object.name']
  if (typeof name !== 'string') return clip(formatJson(value))
  const data = isObject(value['nova_object.data']) ? value['nova_object.data'] : {}
  const shown = ['uuid', 'host', 'vm_state', 'task_state', 'name', 'objects']
    .filter((field) => field in data)
    .map((field) => `${field}=${Array.isArray(data[field]) ? data[field].length : formatJson(data[field] as Json)}`)
  const changes = value['nova_object.changes']
  const changed = Array.isArray(changes) && changes.length > 0 ? ` changed: ${[...changes].sort().join(' ')}` : ''
  return `${name} ${String(value['nova_object.version'])}(${shown.join(', ')})${changed}`
}

function clip(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`
}

function indent(text: string): string {
  return text === ''
    ? ''
    : text
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n')
}
