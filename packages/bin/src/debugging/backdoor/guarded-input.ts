import { Transform } from 'node:stream'

/** A line of a person is far below; garbage without a line end would pile up in memory. */
const longestLine = 64 * 1024
const lineEnd = 0x0a
/** What a browser sends to a port of this machine for the page that it shows. */
const http = /^[A-Z]+ \S+ HTTP\/\d/

/**
 * What a client types, as long as it could be a person: nothing more comes after a line that is too long, or a first line that is a
 * request of HTTP, whose body would be run line by line.
 *
 * @param refuse told why, once
 */
export function guardedInput(refuse: (why: string) => void): Transform {
  let refused = false
  let sinceLineEnd = 0
  let firstLine: Buffer | null = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const why = refused ? null : faultOf(chunk)
      if (why !== null) {
        refused = true
        refuse(why)
      }
      done(null, refused ? undefined : passing(chunk))
    },
    flush(done) {
      done(null, refused ? undefined : (firstLine ?? undefined))
    },
  })

  function faultOf(chunk: Buffer): string | null {
    for (let begin = 0; begin <= chunk.length; ) {
      const end = chunk.indexOf(lineEnd, begin)
      sinceLineEnd += (end < 0 ? chunk.length : end) - begin
      if (sinceLineEnd > longestLine) return `a line is longer than ${longestLine} bytes`
      if (end < 0) break
      sinceLineEnd = 0
      begin = end + 1
    }
    const isFirst = firstLine !== null && http.test(Buffer.concat([firstLine, chunk]).toString('latin1'))
    return isFirst ? 'the client speaks HTTP' : null
  }

  /** The first line is held back until it is whole. */
  function passing(chunk: Buffer): Buffer | undefined {
    if (firstLine === null) return chunk
    firstLine = Buffer.concat([firstLine, chunk])
    if (!chunk.includes(lineEnd)) return undefined
    const whole = firstLine
    firstLine = null
    return whole
  }
}
