import { arg, type CallScope, privileged, runCommand } from '@micronova/privsep/privileged'
import { macAddress, mtu, switchName, uuid } from './names.js'

/** Where the database of Open vSwitch is, and how long it may take. */
const database = {
  connection: arg.text('a connection of Open vSwitch, as tcp:127.0.0.1:6640', /^(?:(?:tcp|ssl):[\w.:[\]-]+|unix:\/[\w./-]+)$/),
  /** 0: for ever. */
  timeoutSeconds: arg.integer(0, 86_400),
}

const datapathType = arg.words('system', 'netdev')

/** What Neutron's agent knows a port by. */
const owner = { interfaceId: uuid, address: macAddress, instanceUuid: uuid }

/** A VLAN that keeps a port apart from all others until the agent gives it its own; 4095 is no VLAN of any network. */
const tag = arg.optional(arg.integer(1, 4095))

interface Database {
  readonly connection: string
  readonly timeoutSeconds: number
}

/** One transaction: all of the commands, or none. */
async function vsctl(
  scope: CallScope,
  { connection, timeoutSeconds }: Database,
  ...commands: readonly (readonly string[])[]
): Promise<void> {
  const separated = commands.flatMap((command) => ['--', ...command])
  await runCommand('ovs-vsctl', [`--timeout=${timeoutSeconds}`, '--oneline', `--db=${connection}`, ...separated], {
    signal: scope.signal,
    // Its own limit comes first and says more. A setTimeout takes no more than 2^31 - 1 ms.
    timeoutMs: timeoutSeconds === 0 ? 2 ** 31 - 1 : (timeoutSeconds + 5) * 1000,
  })
}

/** A value in the syntax of OVSDB: quotes make any text a string. */
const quoted = (text: string) => JSON.stringify(text)

const externalIds = ({ interfaceId, address, instanceUuid }: { interfaceId: string; address: string; instanceUuid: string }) => [
  `external_ids:iface-id=${quoted(interfaceId)}`,
  'external_ids:iface-status="active"',
  `external_ids:attached-mac=${quoted(address)}`,
  `external_ids:vm-uuid=${quoted(instanceUuid)}`,
]

const addBridge = (bridge: string, type: string) => [
  ['--may-exist', 'add-br', bridge],
  ['set', 'Bridge', bridge, `datapath_type=${type}`],
]

const addPort = (bridge: string, port: string, tag: number | undefined) => [
  ['--may-exist', 'add-port', bridge, port],
  ...(tag === undefined ? [] : [['set', 'Port', port, `tag=${tag}`]]),
]

/** Bridges and ports of Open vSwitch. Each may be repeated without harm. */
export const ovsdb = {
  ensureBridge: privileged({ ...database, bridge: switchName, datapathType }, async ({ bridge, datapathType, ...db }, scope) => {
    await vsctl(scope, db, ...addBridge(bridge, datapathType))
  }),

  removeBridge: privileged({ ...database, bridge: switchName }, async ({ bridge, ...db }, scope) => {
    await vsctl(scope, db, ['--if-exists', 'del-br', bridge])
  }),

  /** A port of an instance. Without an owner it is marked as nobody's, so that no agent takes care of it. */
  addPort: privileged(
    {
      ...database,
      bridge: switchName,
      port: switchName,
      interfaceId: arg.optional(uuid),
      address: arg.optional(macAddress),
      instanceUuid: arg.optional(uuid),
      tag,
      /** Makes the bridge too, if there is none. */
      datapathType: arg.optional(datapathType),
      type: arg.optional(arg.words('dpdkvhostuser', 'dpdkvhostuserclient', 'dpdk')),
      vhostServerPath: arg.optional(arg.text('an absolute path', /^\/[\w./+:@-]{1,200}$/)),
      /** Card and function behind a port of type dpdk. */
      dpdkDevargs: arg.optional(arg.text('a representor, as 0000:03:00.0,representor=[1]', /^[0-9a-f:.]{12},representor=\[\d{1,4}\]$/)),
    },
    async ({ bridge, port, interfaceId, address, instanceUuid, tag, datapathType, type, vhostServerPath, dpdkDevargs, ...db }, scope) => {
      const columns = [
        ...(interfaceId !== undefined && address !== undefined && instanceUuid !== undefined
          ? externalIds({ interfaceId, address, instanceUuid })
          : []),
        ...(type === undefined ? [] : [`type=${type}`]),
        ...(vhostServerPath === undefined ? [] : [`options:vhost-server-path=${quoted(vhostServerPath)}`]),
        ...(dpdkDevargs === undefined ? [] : [`options:dpdk-devargs=${quoted(dpdkDevargs)}`]),
      ]
      await vsctl(
        scope,
        db,
        ...(datapathType === undefined ? [] : addBridge(bridge, datapathType)),
        ...addPort(bridge, port, tag),
        ...(columns.length === 0 ? [] : [['set', 'Interface', port, ...columns]]),
      )
    },
  ),

  /** Nothing happens if it is not there, or on another bridge. */
  removePort: privileged({ ...database, bridge: switchName, port: switchName }, async ({ bridge, port, ...db }, scope) => {
    await vsctl(scope, db, ['--if-exists', 'del-port', bridge, port])
  }),

  /** For ports that are no network devices. */
  requestMtu: privileged({ ...database, port: switchName, mtu }, async ({ port, mtu, ...db }, scope) => {
    await vsctl(scope, db, ['set', 'Interface', port, `mtu_request=${mtu}`])
  }),

  /** A cable between two bridges; the end on the integration bridge is the port of the instance. */
  addPatchPair: privileged(
    {
      ...database,
      ...owner,
      portBridge: switchName,
      portPatch: switchName,
      integrationBridge: switchName,
      integrationPatch: switchName,
      tag,
    },
    async ({ portBridge, portPatch, integrationBridge, integrationPatch, tag, interfaceId, address, instanceUuid, ...db }, scope) => {
      const patch = (port: string, peer: string, ids: readonly string[]) => [
        'set',
        'Interface',
        port,
        ...ids,
        'type=patch',
        `options:peer=${peer}`,
      ]
      await vsctl(
        scope,
        db,
        ...addPort(integrationBridge, integrationPatch, tag),
        patch(integrationPatch, portPatch, externalIds({ interfaceId, address, instanceUuid })),
        ...addPort(portBridge, portPatch, undefined),
        patch(portPatch, integrationPatch, []),
      )
    },
  ),
}
