/** The task states of a reboot: as the API leaves it, accepted, and with the hypervisor at work. */
export const rebootStates = {
  SOFT: { requested: 'rebooting', pending: 'reboot_pending', started: 'reboot_started' },
  HARD: { requested: 'rebooting_hard', pending: 'reboot_pending_hard', started: 'reboot_started_hard' },
} as const

export const softRebootStates: readonly string[] = Object.values(rebootStates.SOFT)
export const hardRebootStates: readonly string[] = Object.values(rebootStates.HARD)
