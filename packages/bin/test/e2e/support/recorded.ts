import type { JsonObject } from '@micronova/messaging'
import { contextFromDict, type RequestContext } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import type { Options } from 'amqplib'

/** A message of a real deployment, as one line of a recording. */
export interface Recorded {
  readonly seq: number
  readonly sender: string
  readonly routing_key: string
  readonly properties: Options.Publish
  /** The inner message, parsed; integers above 2^53 are no longer exact in it. */
  readonly message: JsonObject
  /** The inner message as it was sent. */
  readonly text: string
  readonly body_bytes: number
}

/** Every message of `wire/<file>`. */
export function recordings(file: string): Recorded[] {
  return readFixtureLines(`wire/${file}`).map((line) => {
    const { envelope, properties, ...recorded } = JSON.parse(line)
    return { ...recorded, properties: amqplibProperties(properties), text: envelope['oslo.message'] }
  })
}

/** The requests to computes in `wire/<file>`. */
export function recordedOperations(file: string): Recorded[] {
  return recordings(file).filter(({ routing_key: key }) => key.startsWith('compute.'))
}

/** The body as it was published; where a secret was replaced in it, with `REDACTED`. */
export function bodyOf({ text }: Recorded): string {
  return `{"oslo.version": "2.0", "oslo.message": ${JSON.stringify(text)}}`
}

/** Who asked. */
export function contextOf({ message }: Recorded): RequestContext {
  const prefix = '_context_'
  const values = Object.entries(message).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : []))
  return contextFromDict(Object.fromEntries(values))
}

function amqplibProperties(properties: Readonly<Record<string, unknown>>): Options.Publish {
  const { delivery_mode, content_encoding, content_type, ...others } = properties
  return {
    ...others,
    deliveryMode: delivery_mode as number,
    contentEncoding: content_encoding as string,
    contentType: content_type as string,
  }
}
