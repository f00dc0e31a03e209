import { build, liveMigrate } from '../support/cell-servers.js'
import { testTroubles } from '../support/troubles.js'

testTroubles('a live migration', {
  before: [build],
  act: liveMigrate,
  callerCleansUp: true,
  // A migration that cannot begin is found by the next start of the host; bindings and attachments are Neutron's and Cinder's.
  tolerated:
    /^actions.startEvent .*(nobody works|of compute|binding to compute2)|^neutron.deletePortBinding|^cinder\..*which no mapping has/,
})
