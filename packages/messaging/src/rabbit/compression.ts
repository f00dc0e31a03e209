import { deflateSync, inflateSync } from 'node:zlib'
import { MalformedMessage } from '../errors.js'

/** kombu's name for what it calls gzip, which is zlib's format. @see kombu 5.2.4, `compression.py` */
const gzipType = 'application/x-gzip'
/** A few bytes can unfold to gigabytes; Nova's largest messages are some megabytes. */
const maxInflatedBytes = 64 * 1024 * 1024

/** Headers that go with `compress`. */
export const compressedHeaders = { compression: gzipType }

export function compress(body: Buffer): Buffer {
  return deflateSync(body)
}

/** The text of a body. @throws MalformedMessage if it is compressed in a way that we do not know, or too large */
export function decodeBody(content: Buffer, compression: unknown): string {
  if (compression === undefined) return content.toString('utf8')
  if (compression !== gzipType) throw new MalformedMessage(`compression '${String(compression)}' is not supported`)
  try {
    return inflateSync(content, { maxOutputLength: maxInflatedBytes }).toString('utf8')
  } catch (err) {
    throw new MalformedMessage('the compressed body cannot be read', { cause: err })
  }
}
