/** What a report can say; the same in text, JSON and XML. */
export type ReportValue = string | number | boolean | null | readonly ReportValue[] | ReportObject

/** Names are those of JSON members and XML elements. */
export interface ReportObject {
  readonly [name: string]: ReportValue
}

/** How a section looks as text; JSON and XML need no such help. */
export type TextForm =
  /** `name = value`, nested by indentation, names sorted. */
  | 'values'
  /** The same as upstream shows options: a blank line before each group. */
  | 'configuration'
  /** `threads`: a list of ThreadModel. */
  | 'threads'
  /** A ProcessModel with its children. */
  | 'processes'
  /** Lists of objects with equal members, each a table in the order of its rows; other values as `name = value` before them. */
  | 'tables'

export interface Section {
  /** `start_up`: the member or element that holds it. */
  readonly name: string
  /** `Start-up`: up to 64 characters. */
  readonly title: string
  readonly form: TextForm
  readonly model: ReportObject
}

/** One line of a stack. */
export interface FrameModel extends ReportObject {
  readonly filename: string
  readonly line: number
  readonly name: string
  /** Of that line; null: not to be found. */
  readonly code: string | null
}

export interface ThreadModel extends ReportObject {
  /** `Thread #4711`, `Green Thread`. */
  readonly title: string
  /** What is known besides the stack. */
  readonly notes: readonly string[]
  /** Innermost last; null: it has none to show. */
  readonly stack: readonly FrameModel[] | null
}

export interface ProcessModel extends ReportObject {
  readonly pid: number
  readonly parent_pid: number
  readonly username: string
  readonly uid: number
  readonly state: string
  readonly command: string
  /** ISO 8601; null: not known. */
  readonly since: string | null
  readonly children: readonly ProcessModel[]
}

export const reportFormats = ['text', 'json', 'xml'] as const
export type ReportFormat = (typeof reportFormats)[number]
