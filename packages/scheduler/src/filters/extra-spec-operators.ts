import { pythonFloat } from '@micronova/model'

type Compare = (value: string, wanted: string) => boolean

const numbers =
  (isFine: (a: number, b: number) => boolean): Compare =>
  (value, wanted) => {
    const [a, b] = [pythonFloat(value), pythonFloat(wanted)]
    if (a === null || b === null) throw new TypeError(`could not convert string to float: '${a === null ? value : wanted}'`)
    return isFine(a, b)
  }

const operators = new Map<string, Compare>([
  ['=', numbers((a, b) => a >= b)],
  ['==', numbers((a, b) => a === b)],
  ['!=', numbers((a, b) => a !== b)],
  ['>=', numbers((a, b) => a >= b)],
  ['<=', numbers((a, b) => a <= b)],
  ['<in>', (value, wanted) => value.includes(wanted)],
  ['s==', (value, wanted) => value === wanted],
  ['s!=', (value, wanted) => value !== wanted],
  ['s<', (value, wanted) => value < wanted],
  ['s<=', (value, wanted) => value <= wanted],
  ['s>', (value, wanted) => value > wanted],
  ['s>=', (value, wanted) => value >= wanted],
])

/**
 * Does a value fulfil the text of an extra spec: `>= 4`, `s== x`, `<in> sse`, `<all-in> aes mmx`, `<or> 1 <or> 2`, or the value itself?
 *
 * @throws TypeError for a comparison of numbers with what is no number
 * @see nova 26.2.2, `scheduler/filters/extra_specs_ops.py`
 */
export function fulfils(value: string, wanted: string): boolean {
  const [operator = '', ...words] = wanted.split(/\s+/).filter((word) => word !== '')
  if (operator === '<or>') return words.some((word, index) => index % 2 === 0 && word === value)
  if (operator === '<all-in>') return words.length > 0 && words.every((word) => value.includes(word))
  const compare = operators.get(operator)
  if (compare === undefined) return value === wanted
  return words[0] !== undefined && compare(value, words[0])
}
