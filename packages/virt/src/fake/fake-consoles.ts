import type { RemoteConsole, RemoteConsoles } from '../remote-consoles.js'

/** Addresses that nobody listens at, word for word. @see nova 26.2.2, `virt/fake.py`, `get_vnc_console` and its kin */
export const fakeConsoles: Required<RemoteConsoles> = {
  vnc: async () => consoleAt('fakevncconsole.com'),
  spice: async () => ({ ...consoleAt('fakespiceconsole.com'), tlsPort: 6970 }),
  rdp: async () => consoleAt('fakerdpconsole.com'),
  serial: async () => consoleAt('fakerdpconsole.com'),
  mks: async () => consoleAt('fakemksconsole.com'),
}

function consoleAt(host: string): RemoteConsole {
  return { host, port: 6969, internalAccessPath: 'FAKE' }
}
