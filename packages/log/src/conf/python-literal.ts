/** A value in the `args` and `kwargs` of a handler: Python's literals, and names such as `sys.stderr`. */
export type PythonValue = string | number | boolean | null | PythonName | PythonValue[] | { readonly [key: string]: PythonValue }

/** A dotted name that stands for itself: `handlers.SysLogHandler.LOG_USER`. */
export interface PythonName {
  readonly pythonName: string
}

export function isPythonName(value: PythonValue | undefined): value is PythonName {
  return typeof value === 'object' && value !== null && 'pythonName' in value
}

const token =
  /\s*(?:(?<string>[uUrR]?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))|(?<number>-?(?:0[xo][0-9a-fA-F]+|\d+(?:\.\d+)?))|(?<name>[A-Za-z_][\w.]*)|(?<mark>[()[\]{},:*]))/y

/**
 * Read a tuple, list, dict, string, number or name as Python would. Products of numbers (`1024*1024`) are worked out;
 * calls and anything else of the language are not known.
 *
 * @throws SyntaxError with what was found where
 */
export function parsePythonLiteral(text: string): PythonValue {
  const tokens = tokenize(text)
  const value = parseProduct(tokens)
  if (tokens.length > 0) throw new SyntaxError(`unexpected '${tokens[0]?.text}'`)
  return value
}

interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'mark'
  readonly text: string
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const source = text.trim()
  for (token.lastIndex = 0; token.lastIndex < source.length; ) {
    const start = token.lastIndex
    const groups = token.exec(source)?.groups
    if (groups === undefined) throw new SyntaxError(`'${source.slice(start, start + 20).trim()}' is not a literal`)
    for (const kind of ['string', 'number', 'name', 'mark'] as const) {
      const found = groups[kind]
      if (found !== undefined) tokens.push({ kind, text: found })
    }
  }
  return tokens
}

function parseProduct(tokens: Token[]): PythonValue {
  let value = parseValue(tokens)
  while (tokens[0]?.text === '*') {
    tokens.shift()
    const factor = parseValue(tokens)
    if (typeof value !== 'number' || typeof factor !== 'number') throw new SyntaxError("only numbers may stand beside '*'")
    value *= factor
  }
  return value
}

function parseValue(tokens: Token[]): PythonValue {
  const first = tokens.shift()
  if (first === undefined) throw new SyntaxError('a value is missing')
  if (first.kind === 'string') return unquote(first.text)
  if (first.kind === 'number') return Number(first.text)
  if (first.kind === 'name') return parseName(first.text)
  if (first.text === '(') return parseTuple(tokens)
  if (first.text === '[') return parseItems(tokens, ']').items
  if (first.text === '{') return parseDict(tokens)
  throw new SyntaxError(`unexpected '${first.text}'`)
}

function parseName(name: string): PythonValue {
  if (name === 'None') return null
  return name === 'True' ? true : name === 'False' ? false : { pythonName: name }
}

/** One value in brackets without a comma is that value. */
function parseTuple(tokens: Token[]): PythonValue {
  const { items, commas } = parseItems(tokens, ')')
  return items.length === 1 && commas === 0 ? (items[0] ?? null) : items
}

function parseItems(tokens: Token[], end: string): { readonly items: PythonValue[]; readonly commas: number } {
  const items: PythonValue[] = []
  let commas = 0
  while (tokens[0]?.text !== end) {
    items.push(parseProduct(tokens))
    if (tokens[0]?.text !== ',') break
    tokens.shift()
    commas += 1
  }
  expect(tokens, end)
  return { items, commas }
}

function parseDict(tokens: Token[]): PythonValue {
  const entries: [string, PythonValue][] = []
  while (tokens[0]?.text !== '}') {
    const key = parseValue(tokens)
    expect(tokens, ':')
    entries.push([String(key), parseProduct(tokens)])
    if (tokens[0]?.text !== ',') break
    tokens.shift()
  }
  expect(tokens, '}')
  return Object.fromEntries(entries)
}

function expect(tokens: Token[], text: string): void {
  const found = tokens.shift()
  if (found?.text !== text) throw new SyntaxError(`'${text}' is missing before '${found?.text ?? 'the end'}'`)
}

function unquote(text: string): string {
  const raw = /^[rR]/.test(text)
  const body = text.replace(/^[uUrR]/, '').slice(1, -1)
  return raw ? body : body.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? letter)
}
