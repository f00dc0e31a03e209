import { readdir } from 'node:fs/promises'
import type { Logger } from '@micronova/log'

/**
 * Files of `[compute] provider_config_location` name further inventories and traits of nodes. They are not read: whoever
 * has some must learn that, as inventories that a Python nova-compute made of them are taken away. No folder is fine.
 *
 * @see nova 26.2.2, `compute/provider_config.py`
 */
export async function warnOfProviderConfigs(location: string, log: Logger): Promise<void> {
  const names = await readdir(location).catch((): string[] => [])
  const files = names.filter((name) => name.endsWith('.yaml')).sort()
  if (files.length > 0) log.warning(`Provider configurations are not supported: ${files.join(', ')} in ${location} have no effect`)
}
