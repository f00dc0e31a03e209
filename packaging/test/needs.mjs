// What a test of packaging needs of the machine: named in MICRONOVA_REQUIRE, it must be there; otherwise its tests are skipped.
import { spawnSync } from 'node:child_process'

const checks = {
  shellcheck: { asks: ['shellcheck', '--version'], otherwise: 'shellcheck is not installed' },
  'systemd-analyze': { asks: ['systemd-analyze', '--version'], otherwise: 'systemd-analyze is not installed' },
  nspawn: { asks: ['systemd-nspawn', '--version'], otherwise: 'systemd-nspawn (systemd-container) is not installed' },
  sudo: { asks: ['sudo', '--version'], otherwise: 'sudo is not installed' },
  logrotate: { asks: ['logrotate', '--version'], otherwise: 'logrotate is not installed' },
  'dpkg-deb': { asks: ['dpkg-deb', '--version'], otherwise: 'dpkg-deb is not installed' },
  'start-stop-daemon': { asks: ['start-stop-daemon', '--version'], otherwise: 'start-stop-daemon is not installed' },
  'debian-nova': {
    asks: ['sh', '-c', 'dpkg --status python3-nova && cd /var/cache/apt/archives && ls nova-common_* nova-compute_* nova-compute-ironic_*'],
    otherwise: "Debian's nova-compute and its libraries are not installed, or apt has not kept their files",
  },
  sandbox: {
    asks: ['unshare', '--mount', '--pid', '--fork', 'sh', '-c', 'mount -t tmpfs none /mnt && command -v nsenter chroot'],
    otherwise: 'root, who may make mount and pid namespaces, does not run these tests',
  },
}

/**
 * @param {...keyof typeof checks} names
 * @returns {string | false} why a test must be skipped
 */
export function missing(...names) {
  for (const name of names) {
    const { asks, otherwise } = checks[name]
    if (spawnSync(asks[0], asks.slice(1), { stdio: 'ignore' }).status === 0) continue
    if ((process.env.MICRONOVA_REQUIRE ?? '').split(',').includes(name)) throw new Error(`${name} is required: ${otherwise}`)
    return otherwise
  }
  return false
}
