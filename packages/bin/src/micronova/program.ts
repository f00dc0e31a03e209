import { aborted, systemClock } from '@micronova/lifecycle'
import { novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { Command, InvalidArgumentError, Option } from 'commander'
import { micronovaRelease, novaRelease } from '../parse-args.js'
import { CommandFailed } from '../usage-error.js'
import { checkRecordings } from '../wire/check.js'
import { record } from '../wire/record.js'
import { readRecording } from '../wire/recording.js'
import { showMessage } from '../wire/show.js'
import { addConfig } from './config/command.js'
import { runDemo } from './demo.js'
import { addDoctor } from './doctor/command.js'
import { describeObjects, tableOfObjects } from './objects.js'
import { type ReachOptions, reach } from './reach.js'
import { readArguments, runRpc } from './rpc.js'
import { defaultStateDir } from './state-dir.js'
import type { Terminal } from './terminal.js'
import { startCloud, type UpOptions } from './up.js'

/** What the program does beyond its commands' own work: signals and the end of the process are its caller's. */
export interface ProgramDeps {
  readonly terminal: Terminal
  /** Runs until it aborts: SIGINT or SIGTERM for `up` and `wire record`. */
  untilInterrupted(): AbortSignal
  /** `write` is called at each SIGUSR2. */
  onReport(write: () => void): void
}

/**
 * The command `micronova`. `parseAsync` rejects with commander's errors for wrong usage, and with errors that have `code` and
 * `exitStatus` for what a user can mend.
 */
export function micronovaCommand(deps: ProgramDeps): Command {
  const { stdout, stderr } = deps.terminal
  const command = new Command('micronova')
    .description("OpenStack's compute service: a cloud on this machine, and tools for its messages.")
    .version(`${novaRelease}\nmicronova ${micronovaRelease}`, '--version', 'print the versions of Nova and micronova')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError(false)
  addUp(command, deps)
  addDemo(command, deps)
  addRpc(command, deps)
  addObjects(command, deps)
  addWire(command, deps)
  addConfig(command, deps.terminal)
  addDoctor(command, deps.terminal)
  return command
}

function addUp(command: Command, { terminal, untilInterrupted, onReport }: ProgramDeps): void {
  command
    .command('up')
    .description('run conductor and computes in this process until Ctrl-C')
    .addOption(stateDirOption(terminal))
    .option('--hosts <n>', 'number of compute hosts', positiveInteger, 1)
    .addOption(new Option('--driver <name>', 'virt driver of the computes').choices(['auto', 'fake']).default('auto'))
    .option('--ready-file <file>', 'write a JSON object there (endpoints, credentials file, pid) once everything answers')
    .option('--config-file <file>', 'a nova.conf whose options come before the embedded ones; may be repeated', collect)
    .option('-d, --debug', 'write DEBUG lines to the log')
    .action(async (options: UpOptions) => {
      const interrupted = untilInterrupted()
      const { reports, stop } = await startCloud(options, terminal, interrupted)
      onReport(() => void reports.signalled())
      reports.watchFile()
      void reports.watchLoop()
      terminal.stdout.write('press Ctrl-C to stop\n')
      await aborted(interrupted)
      terminal.stdout.write('stopping\n')
      await stop(AbortSignal.timeout(60_000))
    })
}

function addDemo(command: Command, { terminal }: ProgramDeps): void {
  const demo = command
    .command('demo')
    .description('boot an instance through RPC, print its states as they change, and delete it')
    .option('--host <name>', 'compute host; default: the first one')
    .option('--keep', 'leave the instance there')
    .option('--timeout <seconds>', 'longest wait for a change', positiveInteger, 30)
  withReach(demo, terminal).action(async (options: ReachOptions & { host?: string; keep?: boolean; timeout: number }) => {
    const reached = await reach(options, terminal)
    try {
      await runDemo(reached, { ...options, timeoutSeconds: options.timeout }, terminal)
    } finally {
      await reached.close()
    }
  })
}

type RpcFlags = ReachOptions & { namespace?: string; rpcVersion?: string; server?: string; fanout?: boolean; timeout: number }

function addRpc(command: Command, { terminal }: ProgramDeps): void {
  const rpc = command.command('rpc').description('send one RPC as an administrator')
  for (const [kind, description] of [
    ['call', 'send a request and print its result as JSON'],
    ['cast', 'send a request whose result nobody waits for'],
  ] as const) {
    const one = rpc
      .command(kind)
      .description(description)
      .argument('<topic>', 'compute, conductor, scheduler')
      .argument('<method>', 'remote method, such as ping')
      .argument('[json]', 'its arguments: a JSON object')
      .option('--server <host>', 'only the server of this host')
      .option('--namespace <name>', 'such as baseapi or compute_task; default: the one that has the method')
      .option('--rpc-version <version>', 'version of the message; default: what a Nova peer would send')
      .option('--timeout <seconds>', 'longest wait for the result', positiveInteger, 60)
    if (kind === 'cast') one.option('--fanout', 'every server of the topic')
    withReach(one, terminal).action(async (topic: string, method: string, json: string | undefined, flags: RpcFlags) => {
      const args = readArguments(json)
      const reached = await reach(flags, terminal)
      try {
        const { rpcVersion, timeout, ...rest } = flags
        const options = { ...rest, timeoutSeconds: timeout, ...(rpcVersion !== undefined && { version: rpcVersion }) }
        terminal.stdout.write(await runRpc(reached, kind, topic, method, args, options))
      } finally {
        await reached.close()
      }
    })
  }
}

function addObjects(command: Command, { terminal }: ProgramDeps): void {
  command
    .command('objects')
    .description('list every registered versioned object with its version and fingerprint')
    .option('--json', 'print one JSON object')
    .action(({ json }: { json?: boolean }) => {
      terminal.stdout.write(json ? `${JSON.stringify(describeObjects())}\n` : tableOfObjects())
    })
}

function addWire(command: Command, { terminal, untilInterrupted }: ProgramDeps): void {
  const wire = command.command('wire').description('record, show and check the RPC traffic of a broker')
  wire
    .command('record')
    .description("record every message published on a broker (RabbitMQ's firehose) until Ctrl-C")
    .argument('<file>', 'where to write, one JSON object a line; replaced if it exists')
    .option('--url <url>', 'the broker', 'amqp://guest:guest@127.0.0.1:5672/')
    .option('--count <n>', 'stop after so many messages', positiveInteger)
    .action(async (file: string, { url, count }: { url: string; count?: number }) => {
      const onReady = () => void terminal.stderr.write(`recording to ${file}, press Ctrl-C to stop\n`)
      const options = { file, url, ...(count !== undefined && { count }) }
      const messages = await record(options, { clock: systemClock, onReady }, untilInterrupted())
      terminal.stdout.write(`${messages} messages\n`)
    })
  wire
    .command('show')
    .description('print a recording readably')
    .argument('<file...>', 'made by record')
    .action((files: string[]) => {
      for (const file of files) for (const message of readRecording(file)) terminal.stdout.write(`${showMessage(message)}\n`)
    })
  wire
    .command('check')
    .description('decode every message of a recording to typed data, encode it back and compare')
    .argument('<file...>', 'made by record')
    .action(async (files: string[]) => {
      const { messages, equal, differences } = await checkRecordings(files, createNovaSerializer({ registry: novaRegistry() }))
      for (const difference of differences) terminal.stdout.write(`${difference}\n`)
      terminal.stdout.write(`${messages} messages, ${equal} equal\n`)
      if (equal !== messages) throw new CommandFailed(`${messages - equal} of ${messages} messages are not equal`)
    })
}

function withReach(command: Command, terminal: Terminal): Command {
  return command
    .addOption(stateDirOption(terminal))
    .option('--url <url>', 'transport_url of the broker, in place of a local cloud')
    .option('--config-file <file>', 'a nova.conf whose transport_url counts; may be repeated', collect)
}

function stateDirOption({ environment }: Terminal): Option {
  return new Option('--state-dir <dir>', 'folder in which the cloud keeps everything').default(defaultStateDir(environment))
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}
