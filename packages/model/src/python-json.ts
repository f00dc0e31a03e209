/**
 * JSON as Python's `json.dumps` writes it: a space after each comma and colon, nothing but ASCII.
 * Text inside a field must look the same on both sides, because peers compare it.
 */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'string') return asciiText(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'null')
  const items = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${items.map(([key, item]) => `${asciiText(key)}: ${pythonJson(item)}`).join(', ')}}`
}

function asciiText(text: string): string {
  const quoted = JSON.stringify(text)
  return /[^ -~]/.test(quoted) ? quoted.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) : quoted
}
