import { defineOptions, opt } from '@micronova/config'

/** Node's inspector: upstream's process connects to a debugger that waits for it, ours lets a debugger connect. */
export const remoteDebugOptions = defineOptions('remote_debug', {
  host: opt.hostAddress({
    cli: true,
    help: 'Address at which a debugger may connect; not set: 127.0.0.1. Whoever reaches it owns the process.',
  }),
  port: opt.port({
    cli: true,
    help: 'Port at which a debugger may connect; 0: any that is free. Not set: none may.',
  }),
})

/** The console into a service. */
export const backdoorOptions = defineOptions('DEFAULT', {
  backdoor_port: opt.string({
    help: 'Port of 127.0.0.1 for a console into the process: a number, START:END for the first one that is free, 0 for any. Not set: no console.',
  }),
  backdoor_socket: opt.string({
    help: 'Path of a unix socket for a console into the process, in place of a port; {pid} in it stands for the process id.',
  }),
})

/** How `nova.notifications.notify_decorator` tells of a call. */
export const callNotificationOptions = defineOptions('notifications', {
  default_level: opt.string({
    default: 'INFO',
    choices: ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'],
    deprecatedNames: [{ name: 'default_notification_level', group: 'DEFAULT' }],
    help: 'Priority of the notifications that nova.notifications.notify_decorator sends.',
  }),
  default_publisher_id: opt.string({
    deprecatedNames: [{ name: 'default_publisher_id', group: 'DEFAULT' }],
    deprecatedForRemoval: true,
    deprecatedReason: 'OpenStack Nova no longer has this option; it is kept for configurations that set it.',
    help: 'Publisher of the notifications that nova.notifications.notify_decorator sends; not set: api.HOST.',
  }),
})

/** What every service reads for its debugging. */
export const debuggingGroups = [remoteDebugOptions, backdoorOptions, callNotificationOptions]
