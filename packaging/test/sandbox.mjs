// This machine once more, to be spoiled: an overlay of its root file system with processes of its own. Nothing leaves it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from '../generate.mjs'
import { copyLauncher, copyModules, copyPrograms } from '../programs.mjs'

const path = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Arguments: a folder to work in, a tree to lay over the machine's. */
const setUp = `
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs none run
mount -t tmpfs none tmp
mkdir -p run/lock
chmod 1777 tmp run/lock
rm -rf etc/nova etc/default/openstack etc/default/nova-* var/lib/nova var/log/nova var/cache/nova usr/bin/nova-* etc/init.d/nova-*
tar -C "$2" -cf - . | tar --keep-directory-symlink -xf - # /lib is a link
chmod 0755 .
chroot . sh -c 'getent passwd nova >/dev/null || useradd --system --home-dir /var/lib/nova --shell /bin/sh --user-group nova'
mkdir etc/nova
`

/** Keeps the namespaces, and reaps. */
const standStill = "exec chroot . sh -c 'echo ready; while :; do sleep 0.05; done'"

/** systemd as the first process, with none of the machine's own services. */
const boot = `
umount --lazy dev proc run tmp
rm -rf etc/systemd/system/*.wants etc/rc?.d
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
mount -t proc proc /proc
mount -t tmpfs none /run
echo ready
exec systemd-nspawn --quiet --directory="$1/root" --boot --private-network --register=no --keep-unit --link-journal=no --console=read-only \
  --machine=micronova >/dev/null
`

export class Sandbox {
  #init
  #folders = []

  /** @param {{ after(fn: () => void): void }} t the sandbox ends with it, and all processes in it */
  static async open(t, { programs = [], systemd = false, installed = true } = {}) {
    const sandbox = new Sandbox()
    const tree = sandbox.#folder()
    if (installed) generate(tree)
    if (programs.length > 0) copyLauncher(tree)
    copyPrograms(tree, programs)
    if (programs.some((program) => program !== 'nova-compute')) copyModules(tree)
    const script = setUp + (systemd ? boot : standStill)
    const unshare = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', sandbox.#folder(), tree], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(unshare, 'close')
    t.after(async () => {
      unshare.kill('SIGKILL')
      await closed
      for (const folder of sandbox.#folders) rmSync(folder, { recursive: true, force: true })
    })
    const [line] = await Promise.race([once(unshare.stdout, 'data'), closed])
    if (String(line) !== 'ready\n') throw new Error(`the sandbox could not be made, and said ${line}`)
    sandbox.#init = childOf(unshare.pid)
    if (systemd) await sandbox.#booted()
    return sandbox
  }

  async #booted() {
    const nspawn = this.#init
    for (let tries = 0; tries < 300; tries++) {
      this.#init = childOf(nspawn)
      if (this.#init !== '' && /^(running|degraded)/.test(this.run('systemctl is-system-running --wait').stdout)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error('systemd has not come up in the sandbox')
  }

  /** Run a piece of shell in there, as root. */
  run(script, { env = {} } = {}) {
    const began = Date.now()
    const { status, stdout, stderr } = spawnSync('nsenter', [...this.#enter(), 'sh', '-c', script], {
      encoding: 'utf8',
      env: { PATH: path, ...env },
      timeout: 120_000,
    })
    return { status, stdout, stderr, seconds: (Date.now() - began) / 1000 }
  }

  /** As `run`, while this process goes on. */
  async runBeside(script) {
    const child = spawn('nsenter', [...this.#enter(), 'sh', '-c', script], { env: { PATH: path }, stdio: ['ignore', 'ignore', 'inherit'] })
    const [status] = await once(child, 'close')
    return { status }
  }

  /** What `script` prints, without the last line's end. @throws Error if it fails */
  output(script) {
    const { status, stdout, stderr } = this.run(script)
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`)
    return stdout.trimEnd()
  }

  write(file, text, mode = '0644') {
    const { status, stderr } = spawnSync('nsenter', [...this.#enter(), 'sh', '-c', `cat >'${file}' && chmod ${mode} '${file}'`], {
      encoding: 'utf8',
      env: { PATH: path },
      input: text,
    })
    if (status !== 0) throw new Error(stderr)
  }

  #enter() {
    return ['--target', this.#init, '--mount', '--pid', '--root', '--wd', '--']
  }

  #folder() {
    const folder = mkdtempSync(join(tmpdir(), 'micronova-sandbox-'))
    this.#folders.push(folder)
    return folder
  }
}

const childOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()

/** A nova-compute that starts, and then waits for a conductor. */
export const computeConfig = '[DEFAULT]\ntransport_url = memory://\ncompute_driver = fake.FakeDriver\nstate_path = /var/lib/nova\n'

/** The databases are files and the broker is the process itself. */
export const conductorConfig = (workers) => `[DEFAULT]
transport_url = memory://
state_path = /var/lib/nova
[database]
connection = sqlite:////var/lib/nova/nova.sqlite
[conductor]
workers = ${workers}
`
