import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '@micronova/log'
import { ProviderConfigInvalid } from '../../errors.js'
import { type ProviderConfig, parseProviderConfigs } from './provider-config.js'

/**
 * What the files `*.yaml` of a folder add to providers, in the order of their names. No folder, and one without such files, is fine:
 * most hosts have none, and load no reader of YAML.
 *
 * @throws ProviderConfigInvalid
 * @see nova 26.2.2, `compute/provider_config.py`, `get_provider_configs`
 */
export async function readProviderConfigs(folder: string, log: Logger): Promise<readonly ProviderConfig[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const files = names.filter((name) => name.endsWith('.yaml') && !name.startsWith('.')).sort()
  const all: ProviderConfig[] = []
  for (const file of files) {
    const { version, configs } = parseProviderConfigs(await documentOf(folder, file), file)
    if (version !== '1.0')
      log.warning(
        `Provider config file ${file} has the schema version ${version}; 1.0 is known here, and what is newer in it has no effect`,
      )
    all.push(...configs.filter((config) => addsSomething(config, log)))
  }
  refuseTwice(all)
  return all
}

async function documentOf(folder: string, file: string): Promise<unknown> {
  const text = await readFile(join(folder, file), 'utf8').catch((cause) => {
    throw new ProviderConfigInvalid(file, 'it cannot be read', { cause })
  })
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { version: '1.1', prettyErrors: false })
  const [error] = document.errors
  if (error === undefined) return document.toJS()
  const before = text.slice(0, error.pos[0]).split('\n')
  throw new ProviderConfigInvalid(file, `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} is no YAML: ${error.message}`)
}

function addsSomething({ provider, file, inventories, traits }: ProviderConfig, log: Logger): boolean {
  if (traits.length > 0 || Object.keys(inventories).length > 0) return true
  log.warning(`Provider ${provider} of the provider config file ${file} has neither additional inventories nor traits and is passed over`)
  return false
}

function refuseTwice(configs: readonly ProviderConfig[]): void {
  const files = new Map<string, string>()
  for (const { provider, file } of configs) {
    const other = files.get(provider)
    if (other !== undefined)
      throw new ProviderConfigInvalid(file, `provider ${provider} is defined ${other === file ? 'twice' : `in ${other} as well`}`)
    files.set(provider, file)
  }
}
