import { build, rebuild, shelve, snapshot, unshelve } from '../support/cell-servers.js'
import { testTroubles } from '../support/troubles.js'

/** Attachments that Cinder did not let go, or made without saying which. */
const cindersOwn = /^cinder\..*which no mapping has/

testTroubles('a shelving', {
  before: [build],
  act: shelve,
  // Its allocations go before anybody can see that it has left; it can be offloaded again.
  tolerated: /^cinder\..*which no mapping has|has allocations of $/,
})

testTroubles('an unshelving', {
  before: [build, shelve],
  act: unshelve,
  // One whose event cannot begin keeps what the scheduler gave it until it is tried again; without a host nobody heals its info cache.
  tolerated: /^actions.startEvent .*has allocations of compute2|^cinder\..*which no mapping has|^neutron.updatePort .*the info cache has/,
})

// The fake driver uploads nothing.
testTroubles('a snapshot', { before: [build], act: snapshot, tolerated: cindersOwn, asksConductorAlone: true })

testTroubles('a rebuild', {
  before: [build],
  act: rebuild,
  // An instance in ERROR whose volumes were let go.
  tolerated: /^cinder\..*(which no mapping has|which Cinder has not)/,
})
