import { parseTransportUrl } from '@micronova/messaging'
import type { CellMapping } from '@micronova/model'
import { errorText, isMendable } from '../../error-text.js'
import type { Manage } from '../command.js'

/** The two URLs of a cell as they shall be. */
export interface CellUrls {
  readonly transportUrl: string
  readonly databaseUrl: string
}

/**
 * The broker of a cell: what is given, else `transport_url` of the configuration, which is said.
 *
 * @returns null for one that cannot be used, which is said too. Templates (`{hostname}`) stay as they are
 */
export function transportUrlOf({ print, settings }: Manage, given: string | undefined): string | null {
  if (!given) print('--transport-url not provided in the command line, using the value [DEFAULT]/transport_url from the configuration file')
  const url = given || settings.transportUrl
  const why = flawOf(url)
  if (why === null) return url
  print(`Invalid transport URL: ${why}`)
  return null
}

/**
 * The database of a cell: what is given, else `[database] connection`, which is said.
 *
 * @param isRequired whether it is said that there is neither
 */
export function databaseUrlOf({ print, settings }: Manage, given: string | undefined, isRequired = true): string | null {
  if (given) return given
  if (settings.databaseUrl === null) {
    if (isRequired) print('Must specify --database_connection if [database]/connection is not set in the configuration file.')
    return null
  }
  print('--database_connection not provided in the command line, using the value [database]/connection from the configuration file')
  return settings.databaseUrl
}

/** Whether another cell has one of these URLs, which is said. */
export async function isTaken(
  { databases, ctx, print }: Manage,
  { transportUrl, databaseUrl }: { readonly transportUrl: string | null; readonly databaseUrl: string | null },
  except?: CellMapping,
): Promise<boolean> {
  const { stores } = await databases.api()
  const other = (await stores.cellMappings.list(ctx)).find(
    (cell) => cell.uuid !== except?.uuid && (cell.database_connection === databaseUrl || cell.transport_url === transportUrl),
  )
  if (other === undefined) return false
  print(`The specified transport_url and/or database_connection combination already exists for another cell with uuid ${other.uuid}.`)
  return true
}

/** A template cannot be judged before its parts are known; other schemes than ours are for other implementations of Nova. */
function flawOf(url: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (/[{}]/.test(url)) return null
  if (scheme === undefined) return 'it has no scheme'
  if (!['rabbit', 'kombu', 'memory'].includes(scheme)) return null
  try {
    parseTransportUrl(url)
    return null
  } catch (err) {
    if (!isMendable(err)) throw err
    return errorText(err)
  }
}
