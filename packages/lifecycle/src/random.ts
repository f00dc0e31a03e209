import { randomBytes, randomUUID } from 'node:crypto'

/** Where chance and identifiers come from. Handed in, so that a run can be repeated from a seed. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A version 4 UUID with dashes. */
  uuid(): string
  /** `bytes` random bytes as lower-case hexadecimal digits. */
  hex(bytes: number): string
}

/** The machine's source of randomness. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
