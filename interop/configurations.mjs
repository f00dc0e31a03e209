// Who plays which part: Python's services, ours, or both. nova-api, Keystone, Placement, Glance, Neutron and Cinder are always Python's.
import { CONTROLLER } from './cloud.mjs'

/**
 * @typedef {object} Configuration
 * @property {string} name
 * @property {string} title a line for people
 * @property {readonly import('./cloud.mjs').Member[]} members
 * @property {string} home where scenarios that move a server begin
 * @property {string} away where they end
 * @property {boolean} [hasCells] the two are in cells of their own, which have conductors of their own
 * @property {boolean} [isSpecial] runs only the scenarios that name it
 */

const conductor = (kind, host = CONTROLLER) => ({ kind, program: 'nova-conductor', host })
const scheduler = (kind, host = CONTROLLER) => ({ kind, program: 'nova-scheduler', host })
const computes = (first, second = first) => [
  { kind: first, program: 'nova-compute', host: 'compute1' },
  { kind: second, program: 'nova-compute', host: 'compute2' },
]
const hosts = { home: 'compute1', away: 'compute2' }
/** In each cell a conductor, above them another one. */
const cellMembers = (above, inCells, home, away = home) => [
  conductor(above),
  conductor(inCells, 'cellcontroller2'),
  conductor(inCells, 'cellcontroller3'),
  { kind: home, program: 'nova-compute', host: 'compute4' },
  { kind: away, program: 'nova-compute', host: 'compute5' },
]
const inCells = { home: 'compute4', away: 'compute5', hasCells: true, isSpecial: true }

const back = { home: 'compute2', away: 'compute1' }

/** @type {readonly Configuration[]} */
export const configurations = [
  {
    name: 'python',
    title: "Python alone: shows that a scenario's expectations are Zed's",
    members: [conductor('python'), scheduler('python'), ...computes('python')],
    ...hosts,
  },
  {
    name: 'our-compute',
    title: "our nova-compute under Python's conductor and scheduler",
    members: [conductor('python'), scheduler('python'), ...computes('ours')],
    ...hosts,
  },
  {
    name: 'our-conductor',
    title: "our nova-conductor among Python's scheduler and computes",
    members: [conductor('ours'), scheduler('python'), ...computes('python')],
    ...hosts,
  },
  {
    name: 'our-scheduler',
    title: "our nova-scheduler among Python's conductor and computes",
    members: [conductor('python'), scheduler('ours'), ...computes('python')],
    ...hosts,
  },
  {
    name: 'ours',
    title: 'everything ours but nova-api',
    members: [conductor('ours'), scheduler('ours'), ...computes('ours')],
    ...hosts,
  },
  {
    name: 'mixed',
    title: "a compute of each kind under Python's conductor; moves go from ours to Python's",
    members: [conductor('python'), scheduler('python'), ...computes('ours', 'python')],
    ...hosts,
  },
  {
    name: 'mixed-back',
    title: "the same; moves go from Python's to ours",
    members: [conductor('python'), scheduler('python'), ...computes('ours', 'python')],
    ...back,
  },
  {
    name: 'two-conductors',
    title: 'a conductor and a compute of each kind: any of the conductors takes any request',
    members: [conductor('python'), conductor('ours', 'controller2'), scheduler('python'), ...computes('ours', 'python')],
    ...hosts,
  },
  {
    name: 'swap',
    title: "Python's services change places with ours, and back, while users work",
    members: [conductor('python'), scheduler('python'), ...computes('python')],
    ...hosts,
    isSpecial: true,
  },
  {
    name: 'cells',
    title: "two cells, Python alone: shows that expectations of moves between them are Zed's",
    members: [scheduler('python'), ...cellMembers('python', 'python', 'python')],
    ...inCells,
  },
  {
    name: 'cells-our-conductor',
    title: "our nova-conductor above two cells and in them, among Python's scheduler and computes",
    members: [scheduler('python'), ...cellMembers('ours', 'ours', 'python')],
    ...inCells,
  },
  {
    name: 'cells-our-compute',
    title: "our nova-compute in two cells under Python's conductors",
    members: [scheduler('python'), ...cellMembers('python', 'python', 'ours')],
    ...inCells,
  },
  {
    name: 'cells-mixed',
    title: "our conductor above Python's; a compute of each kind, ours where moves begin",
    members: [scheduler('python'), ...cellMembers('ours', 'python', 'ours', 'python')],
    ...inCells,
  },
  {
    name: 'cells-ours',
    title: 'two cells, everything ours but nova-api',
    members: [scheduler('ours'), ...cellMembers('ours', 'ours', 'ours')],
    ...inCells,
  },
]
