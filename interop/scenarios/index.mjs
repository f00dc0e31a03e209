// Every scenario.
import * as boot from './boot.mjs'
import * as power from './power.mjs'
import * as services from './services.mjs'

/** @type {readonly import('../scenario.mjs').Scenario[]} */
export const scenarios = [services, boot, power].flatMap((module) => Object.values(module))
