import { defineOptions, opt, type Section } from '@micronova/config'

/** @see oslo.reports 2.4.0, `opts.py` */
export const reportOptions = defineOptions('oslo_reports', {
  log_dir: opt.string({
    help: 'Folder in which each guru meditation report becomes a file of its own. Not set: reports go to standard error.',
  }),
  file_event_handler: opt.string({
    help: 'A file whose modification asks for a report, in place of the signal SIGUSR2.',
  }),
  file_event_handler_interval: opt.integer({ default: 1, help: 'Seconds between two looks at that file.' }),
})

export type ReportSettings = Section<typeof reportOptions>
