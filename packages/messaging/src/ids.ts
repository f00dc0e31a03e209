import type { Random } from '@micronova/lifecycle'

/** 32 hexadecimal digits of a version 4 UUID, which oslo.messaging uses for its ids and in names of queues. */
export function newId(random: Random): string {
  return random.uuid().replaceAll('-', '')
}
