/** What a check found. */
export type Finding =
  /** As it should be. */
  | { readonly status: 'ok'; readonly found: string }
  /** Something to look at (`warning`), or that keeps a service from working (`failed`); `mend` says what to do. */
  | { readonly status: 'warning' | 'failed'; readonly found: string; readonly mend: string }
  /** Not asked, and why. */
  | { readonly status: 'skipped'; readonly found: string }

/** One question to the machine or to a peer. It leaves nothing behind. */
export interface Check {
  readonly name: string
  /** Ends soon after `signal` aborts, or is left behind then. What it throws is what it found. */
  run(signal: AbortSignal): Promise<Finding>
}

export type CheckResult = Finding & { readonly name: string; readonly durationMs: number }

export const ok = (found: string): Finding => ({ status: 'ok', found })
export const warning = (found: string, mend: string): Finding => ({ status: 'warning', found, mend })
export const failed = (found: string, mend: string): Finding => ({ status: 'failed', found, mend })
export const skipped = (found: string): Finding => ({ status: 'skipped', found })

/** The worst of several findings, with what all of that kind say. */
export function worstOf(findings: readonly Finding[]): Finding {
  for (const status of ['failed', 'warning'] as const) {
    const bad = findings.flatMap((finding) => (finding.status === status ? [finding] : []))
    if (bad.length > 0)
      return { status, found: bad.map(({ found }) => found).join('; '), mend: [...new Set(bad.map(({ mend }) => mend))].join('; ') }
  }
  const fine = findings.filter(({ status }) => status === 'ok')
  return fine.length === 0 ? skipped(findings.map(({ found }) => found).join('; ')) : ok(fine.map(({ found }) => found).join('; '))
}
