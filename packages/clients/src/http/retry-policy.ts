import type { AdapterSection } from '../session/options.js'

/** How often to try again, and how long to wait before. */
export interface RetryPolicy {
  /** After a connection that was not made, or that broke during a request that may be repeated. */
  readonly connectRetries: number
  /** null: growing, see `growingDelayMs`. */
  readonly connectDelayMs: number | null
  /** After the status 503. */
  readonly statusRetries: number
  readonly statusDelayMs: number | null
}

export function retryPolicy(section: AdapterSection, defaults: { readonly connectRetries: number }): RetryPolicy {
  return {
    connectRetries: Math.max(0, section.connect_retries ?? defaults.connectRetries),
    connectDelayMs: milliseconds(section.connect_retry_delay),
    statusRetries: Math.max(0, section.status_code_retries ?? 0),
    statusDelayMs: milliseconds(section.status_code_retry_delay),
  }
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.max(0, seconds) * 1000
}

/** 0.5 s, 1 s, 2 s, ... 60 s. @see keystoneauth1 5.0.0, `session.py`, `_Retries` */
export function growingDelayMs(retry: number): number {
  return Math.min(500 * 2 ** retry, 60_000)
}
