import { defineOptions, opt } from '@micronova/config'

/** What is told of instances and services, and in which form; how it is sent is in `[oslo_messaging_notifications]`. */
export const notificationFormatOptions = defineOptions('notifications', {
  notification_format: opt.string({
    default: 'unversioned',
    choices: ['both', 'versioned', 'unversioned'],
    help: 'The form of notifications: versioned objects, the older dicts, or both.',
    deprecatedNames: [{ name: 'notification_format', group: 'DEFAULT' }],
  }),
  notify_on_state_change: opt.string({
    choices: [null, 'vm_state', 'vm_and_task_state'],
    help: 'Which changes of the state of an instance are told with instance.update; not set: none.',
    deprecatedNames: [{ name: 'notify_on_state_change', group: 'DEFAULT' }],
  }),
  versioned_notifications_topics: opt.list({
    default: ['versioned_notifications'],
    item: { type: 'String' },
    help: 'Topics of versioned notifications.',
  }),
  bdms_in_notifications: opt.boolean({
    default: false,
    help: 'Whether versioned notifications name the volumes of an instance where they must be read for it.',
  }),
})

/** The span that `instance.update` and `instance.exists` tell of, and whether every instance is told of when one is over. */
export const auditOptions = defineOptions('DEFAULT', {
  instance_usage_audit: opt.boolean({
    default: false,
    help: 'Whether nova-compute tells, once for each span, which instances were there in it.',
  }),
  instance_usage_audit_period: opt.string({
    default: 'month',
    regex: '^(hour|month|day|year)(@([0-9]+))?$',
    help: 'Span of a usage audit: hour, day, month or year, with @N for the minute, hour, day or month at which it begins.',
  }),
})
