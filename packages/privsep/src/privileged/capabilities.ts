/** Linux's capabilities; the position is the number. @see linux/capability.h */
export const capabilityNames = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const

export type CapabilityName = (typeof capabilityNames)[number]

/** The name of a capability as oslo.privsep takes it, a name or a number; undefined for neither. */
export function capabilityOf(text: string): CapabilityName | undefined {
  if (/^\d+$/.test(text)) return capabilityNames[Number(text)]
  return capabilityNames.find((name) => name === text.toUpperCase())
}

/** The names in a mask as /proc/PID/status prints it, least number first; one without a name is its number. */
export function capabilitiesIn(hexMask: string): string[] {
  const mask = BigInt(`0x${hexMask}`)
  const set: string[] = []
  for (let number = 0; mask >> BigInt(number) > 0n; number++)
    if ((mask >> BigInt(number)) & 1n) set.push(capabilityNames[number] ?? String(number))
  return set
}
