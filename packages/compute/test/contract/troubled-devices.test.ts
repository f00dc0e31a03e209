import { attachInterface, attachVolume, build, detachInterface, detachVolume } from '../support/cell-servers.js'
import { testTroubles } from '../support/troubles.js'

testTroubles('an interface that is attached', { before: [build], act: attachInterface })

testTroubles('an interface that is detached', { before: [build], act: detachInterface })

testTroubles('a volume that is attached', { before: [build], act: attachVolume })

testTroubles('a volume that is detached', {
  before: [build],
  act: detachVolume,
  // It is out of the guest, and its mapping goes with a further detach.
  tolerated: /which Cinder has not$/,
})
