import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { CommandFailed } from '../../usage-error.js'
import type { Terminal } from '../terminal.js'
import { type ConfigChoice, checkServiceConfig, configToJson, describeConfig, isWrong } from './check.js'
import { sampleConfig } from './sample.js'
import { type ServiceChoice, serviceNames } from './services.js'

/** `micronova config`: tools for nova.conf, which open nothing and connect to nothing. */
export function addConfig(command: Command, terminal: Terminal): void {
  const config = command.command('config').description('write a sample nova.conf, or check one')
  addSample(config, terminal)
  addCheck(config, terminal)
}

function addSample(config: Command, { stdout }: Terminal): void {
  config
    .command('sample')
    .description('print a nova.conf with each option as a comment: its help, its type and limits, its default')
    .addOption(serviceOption())
    .option('--all', 'every option of Nova Zed, also those that nothing here implements')
    .option('--output-file <file>', 'write it there')
    .action(({ service, all = false, outputFile }: { service: ServiceChoice; all?: boolean; outputFile?: string }) => {
      const text = sampleConfig(service, { all })
      if (outputFile === undefined) stdout.write(text)
      else write(outputFile, text)
    })
}

type CheckFlags = ConfigChoice & { readonly json?: boolean; readonly strict?: boolean }

function addCheck(config: Command, { stdout, environment }: Terminal): void {
  withConfigFiles(config.command('check'))
    .description('find everything that is wrong with a configuration, and what has no effect')
    .addOption(serviceOption())
    .option('--strict', 'end with 1 also for what is only a warning')
    .option('--json', 'print one JSON object')
    .action(({ json = false, strict = false, ...choice }: CheckFlags) => {
      const checked = checkServiceConfig(choice, { environment })
      stdout.write(json ? configToJson(checked) : describeConfig(checked))
      if (isWrong(checked, strict)) throw new CommandFailed('the configuration is wrong')
    })
}

/** The options by which a command is told which configuration is meant; without them it is what the service would read. */
export function withConfigFiles(command: Command): Command {
  return command
    .option('--config-file <file>', 'a nova.conf; may be repeated; default: what the service would read', collect)
    .option('--config-dir <dir>', 'a folder whose *.conf are read; may be repeated', collect)
}

export function serviceOption(): Option {
  return new Option('--service <name>', 'whose options').choices([...serviceNames, 'all']).default('all')
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (err) {
    throw new CommandFailed(`--output-file ${file} cannot be written: ${(err as NodeJS.ErrnoException).code}`)
  }
}
