import type { JsonObject } from '@micronova/messaging'
import { readFixtureLines } from '@micronova/testing'

/** A call of the conductor by a Python nova-compute, with its answer. */
export interface RecordedCall {
  /** Where it is recorded: `03-boot.jsonl 7`. */
  readonly place: string
  /** `Instance.save`. */
  readonly name: string
  readonly method: string
  readonly args: JsonObject
  /** Without the `_context_` in front. */
  readonly context: JsonObject
  readonly reply: { readonly result: unknown; readonly failure: string | null }
}

interface Line {
  readonly seq: number
  readonly sender: string
  readonly message: JsonObject
}

/** The calls of objects' methods that `sender` made, in their order. */
export function recordedCalls(file: string, sender = 'nova-compute'): RecordedCall[] {
  const lines = readFixtureLines(`wire/${file}`).map((line) => JSON.parse(line) as Line)
  const replies = new Map(lines.filter(({ message }) => 'result' in message).map(({ message }) => [message._msg_id, message]))
  return lines
    .filter((line) => line.sender === sender && String(line.message.method).startsWith('object_'))
    .map(({ seq, message }) => ({
      place: `${file} ${seq}`,
      name: nameOf(message.args as JsonObject),
      method: String(message.method),
      args: message.args as JsonObject,
      context: contextOf(message),
      reply: replies.get(message._msg_id) as unknown as RecordedCall['reply'],
    }))
}

function nameOf(args: JsonObject): string {
  const object = args.objinst as JsonObject | undefined
  return `${object ? object['nova_object.name'] : args.objname}.${args.objmethod}`
}

function contextOf(message: JsonObject): JsonObject {
  const prefix = '_context_'
  const entries = Object.entries(message).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}
