import type { RequestContext } from '@micronova/model'

/**
 * A method of a service as a decorator sees it.
 *
 * @param ctx of the request; for a periodic task that of an administrator
 * @param args by their wire names, versioned objects as objects; none for a periodic task
 * @param signal aborts when the service's stop has run out of patience
 */
export type Call = (ctx: RequestContext, args: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<unknown>

/**
 * Put around a method when the service starts. What it returns is called in the method's place: it may do something before
 * and after, leave the method out, or throw, which fails the call.
 *
 * @param name dotted, as in Nova: `nova.compute.manager.ComputeManager.reboot_instance`
 */
export type Decorator = (name: string, call: Call) => Call
