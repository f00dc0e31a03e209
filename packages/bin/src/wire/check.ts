import {
  decodeMessage,
  encodeNotification,
  encodeReply,
  encodeRequest,
  type Json,
  type JsonObject,
  type Message,
  type Serializer,
} from '@micronova/messaging'
import { contextFromDict, type RequestContext } from '@micronova/model'
import { firstDifference } from './first-difference.js'
import { type RecordedMessage, readRecording } from './recording.js'

export interface CheckResult {
  readonly messages: number
  readonly equal: number
  /** Of each message that is not equal: where it is and its first difference, or why it could not be decoded. */
  readonly differences: readonly string[]
}

/** Decode every message of the files to typed data, objects included, encode it again and compare. */
export async function checkRecordings(files: readonly string[], serializer: Serializer<RequestContext>): Promise<CheckResult> {
  const differences: string[] = []
  let messages = 0
  for (const file of files) {
    for (const recorded of readRecording(file)) {
      messages++
      const difference = await differenceOf(recorded, serializer)
      if (difference !== null) differences.push(`${file}:${recorded.line}: ${difference}`)
    }
  }
  return { messages, equal: messages - differences.length, differences }
}

async function differenceOf({ message }: RecordedMessage, serializer: Serializer<RequestContext>): Promise<string | null> {
  if (message === null) return 'not a message of oslo.messaging'
  try {
    return firstDifference(normal(message), await roundTrip(message, serializer))
  } catch (err) {
    return `cannot be decoded: ${(err as Error).message}`
  }
}

/** What the message is after it was typed data. */
async function roundTrip(message: JsonObject, serializer: Serializer<RequestContext>): Promise<JsonObject> {
  const decoded = decodeMessage(message)
  return normal(encode(await mapContent(decoded, (value) => reencode(value, decoded, serializer))))
}

/** The part of a message that holds objects. */
async function mapContent(message: Message, map: (value: Json) => Promise<Json>): Promise<Message> {
  switch (message.kind) {
    case 'request':
      return { ...message, args: (await map(message.args)) as JsonObject }
    case 'reply':
      return { ...message, result: await map(message.result) }
    case 'notification':
      return { ...message, payload: await map(message.payload) }
  }
}

function encode(message: Message): JsonObject {
  switch (message.kind) {
    case 'request':
      return encodeRequest(message)
    case 'reply':
      return encodeReply(message)
    case 'notification':
      return encodeNotification(message)
  }
}

async function reencode(value: Json, message: Message, serializer: Serializer<RequestContext>): Promise<Json> {
  const ctx = 'context' in message ? serializer.deserializeContext(message.context) : contextFromDict({})
  return serializer.serializeEntity(ctx, await serializer.deserializeEntity(ctx, value))
}

/** A failure is JSON inside a string: compared as what it holds, not as the text that a peer chose for it. */
function normal(message: JsonObject): JsonObject {
  return typeof message['failure'] === 'string' ? { ...message, failure: JSON.parse(message['failure']) as Json } : message
}
