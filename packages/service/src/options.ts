import { defineOptions, type OptionGroup, type OptionSpec, opt, type Section } from '@micronova/config'

const noLongerInNova = 'OpenStack Nova no longer has this option; it is kept for configurations that set it.'

const managerOf = (topic: string, className: string) =>
  opt.string({
    deprecatedForRemoval: true,
    deprecatedReason: noLongerInNova,
    help: `Manager of nova-${topic}, by its Python name. Default: ${className}.`,
  })

/** What every Nova service reads; names and defaults of nova.conf.service, oslo.service and, where marked, older releases. */
export const serviceOptions = defineOptions('DEFAULT', {
  report_interval: opt.integer({
    default: 10,
    help: 'Seconds between two reports of a service that it is alive; 0 turns them off. Must be less than service_down_time.',
  }),
  service_down_time: opt.integer({
    default: 60,
    help: 'A service whose last report is older than this many seconds counts as down.',
  }),
  periodic_enable: opt.boolean({
    default: true,
    help: 'Run the periodic tasks of the service.',
  }),
  periodic_fuzzy_delay: opt.integer({
    default: 60,
    min: 0,
    help: 'The first periodic tasks wait a random time of at most this many seconds, so that hosts started together do not work in step; 0 turns it off.',
  }),
  run_external_periodic_tasks: opt.boolean({
    default: true,
    help: 'Also run the periodic tasks that could be run by a process of their own.',
  }),
  graceful_shutdown_timeout: opt.integer({
    default: 60,
    help: 'Seconds that a service which is told to stop may take to finish the work in hand; 0 lets it take any time.',
  }),
  log_options: opt.boolean({
    default: true,
    help: 'Write the value of every option to the log at level DEBUG when a service starts.',
  }),
  tempdir: opt.string({
    help: 'Folder for temporary files; unset: the one of the system.',
  }),
  compute_topic: opt.string({
    deprecatedForRemoval: true,
    deprecatedReason: noLongerInNova,
    help: 'Topic on which nova-compute listens. Default: compute.',
  }),
  compute_manager: managerOf('compute', 'nova.compute.manager.ComputeManager'),
  conductor_manager: managerOf('conductor', 'nova.conductor.manager.ConductorManager'),
  scheduler_manager: managerOf('scheduler', 'nova.scheduler.manager.SchedulerManager'),
  monkey_patch: opt.boolean({
    default: false,
    deprecatedForRemoval: true,
    deprecatedReason: noLongerInNova,
    help: 'Put the decorators of monkey_patch_modules around the operations of those modules when a service starts.',
  }),
  monkey_patch_modules: opt.list({
    default: ['nova.compute.api:nova.notifications.notify_decorator'],
    deprecatedForRemoval: true,
    deprecatedReason: noLongerInNova,
    help: 'MODULE:DECORATOR each: a module of operations by its Python name, and a decorator by its Python name or as /path/to/module.mjs#export.',
  }),
})

/** `[DEFAULT] host`, whose default is the name of the machine. */
export function hostOptions(machineName: string): OptionGroup<{ readonly host: OptionSpec<string> }> {
  return defineOptions('DEFAULT', {
    host: opt.hostDomain({
      default: machineName,
      sampleDefault: '<current_hostname>',
      help: 'Name of this host in the cloud: its queues and its rows in the database carry it. It must be unique and must not change.',
    }),
  })
}

/** `[conductor] workers`: how many processes nova-conductor runs in. */
export const conductorWorkersOptions = defineOptions('conductor', {
  workers: opt.integer({
    help: 'Number of processes of nova-conductor; unset: one per CPU.',
  }),
})

/** The values of `serviceOptions` and `hostOptions`. */
export type ServiceConfig = Section<typeof serviceOptions> & Section<ReturnType<typeof hostOptions>>
