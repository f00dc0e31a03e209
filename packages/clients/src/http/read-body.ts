import { ClientError } from '../errors.js'
import type { HttpResponse } from './transport.js'

/** No answer of a service to Nova comes near it: 10 000 ports are some 20 MB. More would be read into memory for nothing. */
export const largestBodyBytes = 64 * 1024 * 1024

/** Of a refusal only this much is read; the reason stands at its beginning. */
export const largestRefusalBytes = 64 * 1024

/** The body as text. @throws ClientError `too_large` */
export async function readText(body: HttpResponse['body'], largestBytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > largestBytes) {
      body.destroy()
      throw new ClientError('too_large', `the answer is larger than ${largestBytes} bytes`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The beginning of a body; the rest is not read. */
export async function readBeginning(body: HttpResponse['body'], bytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    parts.push(part)
    length += part.length
    if (length >= bytes) break
  }
  body.destroy()
  return Buffer.concat(parts).subarray(0, bytes).toString('utf8')
}
