import assert from 'node:assert/strict'
import { type Clients, type ClientsDeps, clientsOptions, clientsSettings, createClients, limitsOptions } from '@micronova/clients'
import { memorySources, parseConfig } from '@micronova/config'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'

/** The settings that a nova.conf of this text gives. */
export function settingsFrom(ini: string, options: { readonly limits?: boolean } = {}) {
  const outcome = parseConfig(['--config-file', '/etc/nova/nova.conf'], {
    program: 'nova-compute',
    groups: [...clientsOptions, ...limitsOptions],
    sources: memorySources({ '/etc/nova/nova.conf': ini }),
  })
  assert.equal(outcome.kind, 'config')
  return clientsSettings(outcome.config, options)
}

/** The clients of a program with a nova.conf of this text. */
export function clientsFrom(ini: string, deps: Partial<ClientsDeps> = {}): Clients {
  const options = { settings: settingsFrom(ini), program: 'nova-compute' }
  return createClients({ clock: systemClock, random: systemRandom, log: nullLogger, ...deps }, options)
}

/** Credentials of a section, for a Keystone at `url`. */
export function passwordLines(url: string, user = 'nova', password = 'sesame', project = 'service'): string {
  return [
    'auth_type = password',
    `auth_url = ${url}`,
    `username = ${user}`,
    `password = ${password}`,
    `project_name = ${project}`,
    'user_domain_name = Default',
    'project_domain_name = Default',
  ].join('\n')
}
