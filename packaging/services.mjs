// What the services differ in. Everything that an init system is told is made from this table and templates/.

/** Facilities or units that should be up first where the machine has them: databases, Keystone, the broker, the clock. */
const everyService = ['postgresql', 'mysql', 'keystone', 'rabbitmq-server', 'ntp']

/**
 * @typedef {object} Service
 * @property {string} name program, init script, job and unit
 * @property {string} title as `systemctl status` shows it
 * @property {string} summary one sentence
 * @property {readonly string[]} after what to wait for where the machine has it
 * @property {string} preStart template of what the Upstart job does before the program, beside making directories
 * @property {string} sandbox template of what systemd keeps from the program
 * @property {boolean} hasHelper a privileged helper comes with it, and the rule that lets it start
 */

/** @type {readonly Service[]} */
export const services = [
  {
    name: 'nova-compute',
    title: 'OpenStack Nova Compute (nova-compute)',
    summary: 'Runs the instances of this host',
    // The flows of instances must not be wiped by a late cleanup of Open vSwitch.
    after: ['libvirtd', ...everyService, 'neutron-ovs-cleanup'],
    preStart: 'upstart-host.sh',
    sandbox: 'sandbox-with-helper.unit',
    hasHelper: true,
  },
  {
    name: 'nova-conductor',
    title: 'OpenStack Nova Conductor (nova-conductor)',
    summary: 'Gives the other services access to the databases, and orchestrates what spans hosts',
    after: everyService,
    preStart: 'nothing',
    sandbox: 'sandbox.unit',
    hasHelper: false,
  },
  {
    name: 'nova-scheduler',
    title: 'OpenStack Nova Scheduler (nova-scheduler)',
    summary: 'Chooses hosts for instances',
    after: everyService,
    preStart: 'nothing',
    sandbox: 'sandbox.unit',
    hasHelper: false,
  },
]
