import { defineOptions, opt } from '@micronova/config'
import { reportFormats, reportOptions } from '@micronova/reports'

/** A group of our own: Python's services do not know it and leave it alone. */
export const ownReportOptions = defineOptions('micronova', {
  report_format: opt.string({
    default: 'text',
    choices: [...reportFormats],
    help: 'Form of guru meditation reports.',
  }),
  report_stuck_loop: opt.boolean({
    default: true,
    help: 'Keep a thread that gets a report out of a service whose event loop is stuck. It takes 6 to 9 MiB, and no processor time.',
  }),
})

export const reportGroups = [reportOptions, ownReportOptions]
