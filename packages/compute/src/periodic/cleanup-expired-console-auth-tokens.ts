import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Removes the console tokens of this host that nobody can use any more. */
export const cleanupExpiredConsoleAuthTokens: PeriodicTaskFactory = ({ host, stores, periodic, adminContext }) => ({
  name: '_cleanup_expired_console_auth_tokens',
  spacingSeconds: () => periodic.instance_delete_interval,
  runImmediately: false,
  run: () => stores.consoleAuthTokens.cleanExpiredForHost(adminContext(), host),
})
