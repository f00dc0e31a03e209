import type { ChannelValue } from '../privileged/definition.js'
import { BadFrame } from './frames.js'

/** From the service: run a function. */
export interface CallMessage {
  readonly call: number
  /** `links.setMtu` */
  readonly name: string
  readonly args: unknown
}

/** From the helper, first of all: whom the service is talking to. */
export interface ReadyMessage {
  readonly ready: {
    readonly pid: number
    readonly uid: number
    readonly gid: number
    readonly effective: readonly string[]
    readonly permitted: readonly string[]
    readonly inheritable: readonly string[]
  }
}

/** The function has run. */
export interface ResultMessage {
  readonly reply: number
  readonly result: ChannelValue
}

/** It has failed, or was refused and has not run. */
export interface FailureMessage {
  readonly reply: number
  readonly failure: {
    readonly kind: string
    readonly message: string
    readonly exitStatus: number | null
    readonly stderr: string
  }
}

/** A line for the log of the service. */
export interface LogMessage {
  readonly log: 'debug' | 'warning'
  readonly message: string
}

export type HelperMessage = ReadyMessage | ResultMessage | FailureMessage | LogMessage

/** The `kind` of a failure of which nothing has run. */
export const refused = 'refused'

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws BadFrame for what is no call */
export function decodeCall(message: unknown): CallMessage {
  if (!isObject(message) || !Number.isSafeInteger(message['call']) || typeof message['name'] !== 'string')
    throw new BadFrame('a frame of the service is no call')
  return { call: message['call'] as number, name: message['name'], args: message['args'] }
}

/** The helper is trusted with more than its words: its frames are told apart, their insides are taken as they are. @throws BadFrame */
export function decodeHelperMessage(message: unknown): HelperMessage {
  if (
    isObject(message) &&
    ('ready' in message ||
      'log' in message ||
      (Number.isSafeInteger(message['reply']) && ('result' in message || isObject(message['failure']))))
  )
    return message as unknown as HelperMessage
  throw new BadFrame('a frame of the helper is neither reply nor log line')
}
