/**
 * Frames of the channel: four bytes of length, most significant first, then so many bytes of JSON.
 *
 * JSON and not oslo.privsep's MessagePack, and lengths where that has none: both ends are ours, started for each other, and a
 * reader can refuse a frame before it holds it.
 */

/** Calls and results are a few hundred bytes; a rule set of iptables may be a hundred thousand. More is refused by both ends. */
export const maxFrameBytes = 4 << 20

const lengthBytes = 4

/** A frame that breaks the rules: its channel is of no more use. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame'
}

/** @throws BadFrame if it is too large; nothing has been sent then */
export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8')
  if (body.length > maxFrameBytes) throw new BadFrame(`a frame of ${body.length} bytes is larger than ${maxFrameBytes}`)
  const head = Buffer.allocUnsafe(lengthBytes)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** Puts frames together from the pieces in which they come. */
export class FrameReader {
  #pieces: Buffer[] = []
  #held = 0;

  /** The messages that `chunk` completes. @throws BadFrame, after which the reader must not be used */
  *push(chunk: Buffer): Generator<unknown> {
    this.#pieces.push(chunk)
    this.#held += chunk.length
    for (;;) {
      if (this.#held < lengthBytes) return
      const length = this.#join(lengthBytes).readUInt32BE()
      if (length > maxFrameBytes) throw new BadFrame(`a frame of ${length} bytes is larger than ${maxFrameBytes}`)
      if (this.#held < lengthBytes + length) return
      const all = this.#join(lengthBytes + length)
      this.#pieces = [all.subarray(lengthBytes + length)]
      this.#held -= lengthBytes + length
      yield parse(all.toString('utf8', lengthBytes, lengthBytes + length))
    }
  }

  /** The first piece, made to have `bytes` at least. Pieces are joined once a frame, not once a piece. */
  #join(bytes: number): Buffer {
    if (this.#pieces[0]!.length < bytes) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0]!
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BadFrame('a frame holds no JSON')
  }
}
