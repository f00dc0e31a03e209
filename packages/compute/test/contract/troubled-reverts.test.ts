import { build, confirmResize, resize, revertResize } from '../support/cell-servers.js'
import { testTroubles } from '../support/troubles.js'

testTroubles('a confirmed resize', {
  before: [build, resize],
  act: confirmResize,
  // Nothing was done: the instance stays resized, its migration is in error, and an operator must look.
  tolerated: /^(actions.startEvent|instances.getByUuid) .*compute1/,
})

testTroubles('a reverted resize', {
  before: [build, resize],
  act: revertResize,
  // An instance in ERROR whose allocations could not be swapped keeps them until it is deleted; attachments are Cinder's.
  tolerated: /^placement.*after a while|^(actions.startEvent|instances.save).*after a while: .*compute1|^cinder\..*which no mapping has/,
})
