import type { RotationSchedule } from '../output/rotation.js'

/** When a log file is put aside, and how many are kept. */
export type RotationPlan =
  | { readonly kind: 'size'; readonly maxBytes: number; readonly keep: number }
  | { readonly kind: 'interval'; readonly schedule: RotationSchedule; readonly keep: number }

/** Where lines go. `color`: show levels in colour if it is a terminal. */
export type OutputPlan =
  | { readonly kind: 'stdout' | 'stderr'; readonly color: boolean }
  | { readonly kind: 'file'; readonly path: string; readonly watch: boolean; readonly rotation: RotationPlan | null }
  | { readonly kind: 'syslog'; readonly path: string; readonly facility: number }
  | { readonly kind: 'syslog_udp'; readonly host: string; readonly port: number; readonly facility: number }
  | { readonly kind: 'journal'; readonly path: string }
  | { readonly kind: 'null' }

/** What lines look like. An empty `dateFormat` is Python's default. */
export type FormatPlan =
  | { readonly kind: 'context'; readonly dateFormat: string }
  | { readonly kind: 'json'; readonly dateFormat: string }
  | { readonly kind: 'plain'; readonly format: string; readonly dateFormat: string; readonly where: string }

export interface HandlerPlan {
  readonly output: OutputPlan
  readonly format: FormatPlan
  readonly levelNumber: number
}

export interface NodePlan {
  readonly levelNumber: number
  /** A handler of several names is the same object in each. */
  readonly handlers: readonly HandlerPlan[]
  readonly propagate: boolean
}

/** A logging configuration, understood but not yet acted upon: by dotted name, the root under the empty one. */
export type LoggingPlan = ReadonlyMap<string, NodePlan>
