/** The `index`-th address of a network in CIDR notation; null beyond its end, or for a broadcast address. */
export function addressIn(cidr: string, index: number): string | null {
  const [base = '', length = ''] = cidr.split('/')
  if (base.includes(':')) return index === 0 ? base : `${base.replace(/::$/, '')}::${index.toString(16)}`
  const size = 2 ** (32 - Number(length))
  if (index >= size - 1) return null
  const start = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return [24, 16, 8, 0].map((shift) => Math.floor((start + index) / 2 ** shift) % 256).join('.')
}

/** Rough for version 6: the text before `::`. */
export function isIn(cidr: string, address: string): boolean {
  const [base = '', length = ''] = cidr.split('/')
  if (base.includes(':')) return address.startsWith(base.replace(/::$/, ''))
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  return Math.floor(number(base) / size) === Math.floor(number(address) / size)
}
