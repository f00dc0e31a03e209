import { InvalidArgumentError } from 'commander'

/** A flag's whole number, of either sign. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** What an INTEGER of the databases holds at most. */
export const maxInteger = 0x7fffffff

/** `--max-count`: null for what is not a whole number above 0, which commands answer with a status of their own. */
export function countOf(text: string): number | null {
  return /^\+?\d+$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null
}
