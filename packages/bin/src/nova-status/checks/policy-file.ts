import { failure, success, type UpgradeCheck } from '../upgrade-check.js'

/** oslo.policy no longer reads JSON. @see oslo.upgradecheck 2.1.1, `common_checks.py`, `check_policy_json` */
export const policyFile: UpgradeCheck = {
  name: 'Policy File JSON to YAML Migration',
  async run(deployment) {
    const text = deployment.policyFile()
    if (text === null || !isJson(text)) return success
    return failure('The policy file is JSON, and must be YAML: convert it with oslopolicy-convert-json-to-yaml of oslo.policy.')
  },
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
