import { readFileSync } from 'node:fs'
import { formatJson, type Json, type JsonObject, parseJson } from '@micronova/messaging'
import { UsageError } from '../usage-error.js'

/** A message of a recording: one line of the file. */
export interface RecordedMessage {
  /** 1-based line of the file. */
  readonly line: number
  readonly seq: number
  /** Seconds since the recording began. */
  readonly t: number
  /** The program that published it, as far as its connection told. */
  readonly sender: string | null
  readonly exchange: string
  readonly routingKey: string
  /** The queues it went into; empty: nobody listened. */
  readonly routedQueues: readonly string[]
  /** The inner message: what `oslo.message` holds, or the body of a notification without an envelope. Null: no JSON object. */
  readonly message: JsonObject | null
}

/**
 * The messages of a recording made by `micronova wire record`. Lines that are AMQP frames hold no messages and are passed over.
 *
 * @throws UsageError naming the file and the line that is not of a recording
 */
export function readRecording(file: string): RecordedMessage[] {
  return readLines(file).flatMap((text, index) => (text === '' ? [] : readMessage(file, index + 1, text)))
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code
    throw new UsageError(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`)
  }
}

function readMessage(file: string, line: number, text: string): RecordedMessage[] {
  const entry = parseLine(file, line, text)
  if ('frame' in entry) return []
  if (!('message' in entry || 'body' in entry || 'body_base64' in entry))
    throw new UsageError(`${file}:${line}: not a recorded message: it has neither "message" nor "body"`)
  const message = entry.message ?? entry.body ?? null
  return [
    {
      line,
      seq: Number(entry.seq ?? line),
      t: Number(entry.t ?? 0),
      sender: typeof entry.sender === 'string' ? entry.sender : null,
      exchange: String(entry.exchange ?? ''),
      routingKey: String(entry.routing_key ?? ''),
      routedQueues: Array.isArray(entry.routed_queues) ? entry.routed_queues.map(String) : [],
      message: isObject(message) ? message : null,
    },
  ]
}

function parseLine(file: string, line: number, text: string): JsonObject {
  let entry: Json
  try {
    entry = parseJson(text)
  } catch {
    throw new UsageError(`${file}:${line}: not a line of JSON`)
  }
  if (!isObject(entry)) throw new UsageError(`${file}:${line}: not a recorded message: no JSON object`)
  return entry
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One line of a recording, with its line end. */
export function formatLine(entry: JsonObject): string {
  return `${formatJson(entry)}\n`
}
