import type { OptionLimits } from '../declare.js'

/** A typed value, or why the text is none. `why` never repeats the text, which may be a secret. */
export type Conversion<T = unknown> = { readonly value: T } | { readonly why: string }

/** Turns the text of one occurrence of an option into its value. */
export type Converter = (text: string, limits: OptionLimits) => Conversion
