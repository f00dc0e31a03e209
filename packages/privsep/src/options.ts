import { defineOptions, opt } from '@micronova/config'
import type { PrivsepContext } from './privileged/definition.js'

/** The options of a context, in its own section. Names, types and defaults are oslo.privsep's. */
export function privsepOptions(context: Pick<PrivsepContext, 'section'>) {
  return defineOptions(context.section, {
    user: opt.string({ help: 'User that the privileged helper of this section runs as. Default: the one that its command gives it.' }),
    group: opt.string({ help: 'Group that the privileged helper of this section runs as.' }),
    capabilities: opt.list({
      help: 'Linux capabilities that the privileged helper of this section keeps. Default: those that its functions need.',
    }),
    helper_command: opt.string({
      help: 'Command that starts the privileged helper of this section; the options of the context are added to it. Default: the helper of Micronova, through sudo unless the service is root.',
    }),
    thread_pool_size: opt.integer({
      min: 1,
      sampleDefault: '<cpu_count>',
      help: 'Privileged functions of this section that run at the same time.',
    }),
    logger_name: opt.string({
      default: 'oslo_privsep.daemon',
      help: 'Logger of the lines that come from the privileged helper of this section.',
    }),
  })
}

/** The values of a context's section. */
export interface PrivsepSettings {
  readonly user: string | null
  readonly group: string | null
  readonly capabilities: readonly string[]
  readonly helper_command: string | null
  readonly thread_pool_size: number | null
  readonly logger_name: string
}
