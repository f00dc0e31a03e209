/**
 * Where a message goes, or what a server listens to. oslo.messaging's noun, with its fields.
 *
 * A client needs `topic`; with `server` only that server gets it, with `fanout` every server of the topic.
 * A server needs `topic` and `server`. An endpoint has `namespace` and `version` (`1.0` if absent).
 */
export interface Target {
  /** Default: the transport's control exchange. */
  readonly exchange?: string
  readonly topic?: string
  readonly namespace?: string
  /** `MAJOR.MINOR`. */
  readonly version?: string
  readonly server?: string
  readonly fanout?: boolean
}
