import type { ReplyAddress } from './message.js'

/** The two ids in a message or, with escaped quotes, in the envelope around it; upstream writes them in this order. */
const msgIdPattern = /^_msg_id\\?" *: *\\?"([0-9a-f-]{1,64})\\?"/
const replyQueuePattern = /^_reply_q\\?" *: *\\?"([\w.-]{1,255})\\?"/
const span = 300

/**
 * Who waits for a reply to a body that cannot be decoded: too large, nested too deep, in an envelope of the future.
 * Looks at the text alone, at the last place that names them, as they stand behind the arguments; `null` if it finds nobody.
 */
export function findReplyAddress(body: string): ReplyAddress | null {
  const queueAt = body.lastIndexOf('_reply_q')
  if (queueAt === -1) return null
  const msgId = findMsgId(body, queueAt)
  const queue = replyQueuePattern.exec(body.slice(queueAt, queueAt + span))?.[1]
  return msgId === null || queue === undefined ? null : { msgId, queue, monitorTimeout: null }
}

/** The call that a body, which cannot be decoded, belongs to; `null` if it does not say. */
export function findMsgId(body: string, before = body.length): string | null {
  const at = body.lastIndexOf('_msg_id', before)
  return at === -1 ? null : (msgIdPattern.exec(body.slice(at, at + span))?.[1] ?? null)
}
