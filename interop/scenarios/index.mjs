// Every scenario.
import * as access from './access.mjs'
import * as boot from './boot.mjs'
import * as cells from './cells.mjs'
import * as commands from './commands.mjs'
import * as faults from './faults.mjs'
import * as images from './images.mjs'
import * as moves from './moves.mjs'
import * as placing from './placing.mjs'
import * as power from './power.mjs'
import * as services from './services.mjs'
import * as states from './states.mjs'
import * as swap from './swap.mjs'
import * as volumeBacked from './volume-backed.mjs'
import * as volumeFaults from './volume-faults.mjs'
import * as volumeMoves from './volume-moves.mjs'
import * as volumes from './volumes.mjs'

const ofVolumes = [volumes, volumeBacked, volumeMoves, volumeFaults]

/** @type {readonly import('../scenario.mjs').Scenario[]} */
export const scenarios = [
  services,
  boot,
  power,
  states,
  access,
  images,
  moves,
  placing,
  ...ofVolumes,
  faults,
  swap,
  cells,
  commands,
].flatMap((module) => Object.values(module))
