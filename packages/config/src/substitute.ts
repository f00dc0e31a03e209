/** `$name`, `${name}`, `$group.name`; `$$` and `\$` are a dollar sign. What looks like none of them stays as it is. */
const reference = /\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\})/gi

/**
 * Put the values of other options into a text.
 *
 * @param read gives the text for a name, which may hold a group before its first dot
 * @see oslo.config 9.0.0, `cfg.ConfigOpts._substitute`
 */
export function substitute(text: string, read: (name: string) => string): string {
  if (!text.includes('$')) return text
  return text
    .replaceAll('\\$', '$$$$')
    .replace(reference, (_, escaped: string | undefined, bare: string | undefined, braced: string | undefined) =>
      escaped === undefined ? read((bare ?? braced)!) : '$',
    )
}
