import { isObject } from './envelope.js'
import { MalformedMessage } from './errors.js'
import { decodeFailure, encodeFailure } from './failure.js'
import type { Json, JsonObject } from './json.js'
import type { RemoteFailure } from './serializer.js'

/** A call or a cast. */
export interface RequestMessage {
  readonly kind: 'request'
  /** `null`: the key is absent, which no endpoint answers. */
  readonly method: string | null
  readonly args: JsonObject
  readonly namespace: string | null
  readonly version: string | null
  /** Where the result goes; `null` for a cast. */
  readonly replyTo: ReplyAddress | null
  readonly uniqueId: string | null
  /** The keys without their prefix `_context_`. */
  readonly context: JsonObject
}

export interface ReplyAddress {
  readonly msgId: string
  readonly queue: string
  /** `_timeout`: seconds of silence that the caller bears if it monitors the call, otherwise null. */
  readonly monitorTimeout: Json
}

/** Final (`ending`) or a heartbeat of a monitored call. */
export interface ReplyMessage {
  readonly kind: 'reply'
  readonly result: Json
  readonly failure: RemoteFailure | null
  readonly ending: boolean
  readonly msgId: string
  readonly uniqueId: string | null
}

export interface NotificationMessage {
  readonly kind: 'notification'
  /** A UUID with dashes. */
  readonly messageId: string
  readonly publisherId: string | null
  readonly eventType: string
  /** In capitals, such as `INFO`. */
  readonly priority: string
  readonly payload: Json
  /** UTC, `YYYY-MM-DD HH:MM:SS.ffffff`. */
  readonly timestamp: string
  readonly uniqueId: string | null
  readonly context: JsonObject
}

export type Message = RequestMessage | ReplyMessage | NotificationMessage

const contextPrefix = '_context_'

/** The message, typed. @throws MalformedMessage if it is none of the three kinds */
export function decodeMessage(message: JsonObject): Message {
  if ('event_type' in message) return decodeNotification(message)
  if ('ending' in message || 'result' in message) return decodeReply(message)
  return decodeRequest(message)
}

/** @throws MalformedMessage if a key has a value of the wrong type */
export function decodeRequest(message: JsonObject): RequestMessage {
  const args = message.args ?? {}
  if (!isObject(args)) throw new MalformedMessage('args is not an object')
  return {
    kind: 'request',
    method: optionalText(message, 'method'),
    args,
    namespace: optionalText(message, 'namespace'),
    version: optionalText(message, 'version'),
    replyTo: decodeReplyAddress(message),
    uniqueId: optionalText(message, '_unique_id'),
    context: decodeContext(message),
  }
}

/** `null` where nobody waits for a reply. */
export function decodeReplyAddress(message: JsonObject): ReplyAddress | null {
  const msgId = message._msg_id
  const queue = message._reply_q
  if (typeof msgId !== 'string' || typeof queue !== 'string' || msgId === '') return null
  return { msgId, queue, monitorTimeout: message._timeout ?? null }
}

/** Keys in the order of upstream. */
export function encodeRequest(request: RequestMessage): JsonObject {
  const message: Record<string, Json> = { method: request.method, args: request.args }
  if (request.namespace !== null) message.namespace = request.namespace
  if (request.version !== null) message.version = request.version
  if (request.replyTo !== null) {
    message._msg_id = request.replyTo.msgId
    message._reply_q = request.replyTo.queue
    message._timeout = request.replyTo.monitorTimeout
  }
  message._unique_id = request.uniqueId
  return addContext(message, request.context)
}

/** @throws MalformedMessage if it does not say to which call it belongs */
export function decodeReply(message: JsonObject): ReplyMessage {
  const msgId = optionalText(message, '_msg_id')
  if (msgId === null) throw new MalformedMessage('a reply without _msg_id')
  const failure = optionalText(message, 'failure')
  return {
    kind: 'reply',
    result: message.result ?? null,
    failure: failure === null || failure === '' ? null : decodeFailure(failure),
    ending: message.ending === true,
    msgId,
    uniqueId: optionalText(message, '_unique_id'),
  }
}

export function encodeReply(reply: ReplyMessage): JsonObject {
  return {
    result: reply.result,
    failure: reply.failure === null ? null : encodeFailure(reply.failure),
    ending: reply.ending,
    _msg_id: reply.msgId,
    _unique_id: reply.uniqueId,
  }
}

/** @throws MalformedMessage if a key has a value of the wrong type */
export function decodeNotification(message: JsonObject): NotificationMessage {
  return {
    kind: 'notification',
    messageId: optionalText(message, 'message_id') ?? '',
    publisherId: optionalText(message, 'publisher_id'),
    eventType: optionalText(message, 'event_type') ?? '',
    priority: optionalText(message, 'priority') ?? '',
    payload: message.payload ?? null,
    timestamp: optionalText(message, 'timestamp') ?? '',
    uniqueId: optionalText(message, '_unique_id'),
    context: decodeContext(message),
  }
}

export function encodeNotification(notification: NotificationMessage): JsonObject {
  const message: Record<string, Json> = {
    message_id: notification.messageId,
    publisher_id: notification.publisherId,
    event_type: notification.eventType,
    priority: notification.priority,
    payload: notification.payload,
    timestamp: notification.timestamp,
    _unique_id: notification.uniqueId,
  }
  return addContext(message, notification.context)
}

function decodeContext(message: JsonObject): JsonObject {
  const context: Record<string, Json> = {}
  for (const key in message) {
    if (!key.startsWith(contextPrefix)) continue
    const name = key.slice(contextPrefix.length)
    if (name !== '__proto__') context[name] = message[key] as Json
  }
  return context
}

function addContext(message: Record<string, Json>, context: JsonObject): JsonObject {
  for (const key in context) message[contextPrefix + key] = context[key] as Json
  return message
}

function optionalText(message: JsonObject, key: string): string | null {
  const value = message[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw new MalformedMessage(`${key} is not a text`)
  return value
}

/** The id of the API request on whose behalf a message is sent. */
export function requestIdOf(context: JsonObject): string | null {
  return typeof context.request_id === 'string' ? context.request_id : null
}
