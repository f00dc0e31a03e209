import { upgradeChecks } from './checks/index.js'
import type { NamedResult } from './render-results.js'
import { type Deployment, type UpgradeCheck, type Verdict, verdict } from './upgrade-check.js'

/** Runs the checks one after another, as upstream. @throws what a check did not expect */
export async function checkUpgrade(
  deployment: Deployment,
  checks: readonly UpgradeCheck[] = upgradeChecks,
): Promise<readonly NamedResult[]> {
  const results: NamedResult[] = []
  for (const check of checks) results.push({ name: check.name, ...(await check.run(deployment)) })
  return results
}

/** The verdict on the whole. */
export function worst(results: readonly NamedResult[]): Verdict {
  return results.reduce<Verdict>((highest, { result }) => (result > highest ? result : highest), verdict.success)
}
