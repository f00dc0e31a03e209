import type { JsonObject } from '@micronova/messaging'
import { readFixtureLines } from '@micronova/testing'

/** A request to the conductor, with its answer. */
export interface RecordedRequest {
  readonly kind: 'request'
  /** Where it is recorded: `03-boot.jsonl 7`. */
  readonly place: string
  /** `Instance.save`, or `ping`. */
  readonly name: string
  readonly message: JsonObject
  readonly result: unknown
  /** As in the reply, but for the traceback. */
  readonly failure: JsonObject | null
}

/** A cast of nova-api or nova-conductor to a compute: it shows how the instance stood in the database then. */
export interface RecordedInstance {
  readonly kind: 'instance'
  readonly primitive: JsonObject
}

interface Line {
  readonly seq: number
  readonly sender: string
  readonly routing_key: string
  readonly message: JsonObject
}

/** What a conductor went through in the recording `file`, in its order. */
export function recordedConversation(file: string): (RecordedRequest | RecordedInstance)[] {
  const lines = readFixtureLines(`wire/${file}`).map((line) => JSON.parse(line) as Line)
  const replies = new Map(lines.filter(({ message }) => 'result' in message).map(({ message }) => [message._msg_id, message]))
  return lines.flatMap(({ seq, routing_key, message }): (RecordedRequest | RecordedInstance)[] => {
    const args = message.args as JsonObject | undefined
    if (args === undefined) return []
    if (routing_key.startsWith('compute') && args.instance) return [{ kind: 'instance', primitive: args.instance as JsonObject }]
    const reply = replies.get(message._msg_id)
    if (routing_key !== 'conductor' || message.namespace === 'compute_task' || reply === undefined) return []
    const { tb: _, ...failure } = JSON.parse((reply.failure as string | null) ?? '{}') as JsonObject
    const isFailure = reply.failure !== null
    return [
      {
        kind: 'request',
        place: `${file} ${seq}`,
        name: nameOf(message, args),
        message,
        result: reply.result,
        failure: isFailure ? failure : null,
      },
    ]
  })
}

function nameOf(message: JsonObject, args: JsonObject): string {
  const object = args.objinst as JsonObject | undefined
  const owner = object ? object['nova_object.name'] : args.objname
  return owner === undefined ? String(message.method) : `${String(owner)}.${String(args.objmethod)}`
}
