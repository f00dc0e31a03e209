import { failure, success, type UpgradeCheck } from '../upgrade-check.js'

/** Cinder refuses to detach a volume without a token of the service (CVE-2023-2088). @see nova 26.2.2, `cmd/status.py`, `_check_service_user_token` */
export const serviceUserToken: UpgradeCheck = {
  name: 'Service User Token Configuration',
  async run({ serviceUser }) {
    if (serviceUser.isSent) return success
    return failure('Every service of Nova needs a service user: set send_service_user_token and the credentials in [service_user].')
  },
}
