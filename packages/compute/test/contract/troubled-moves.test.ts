import { build, resize } from '../support/cell-servers.js'
import { testTroubles } from '../support/troubles.js'

/** Attachments that Cinder did not let go, or made without saying which. */
const cindersOwn = /^cinder\..*which no mapping has/

testTroubles('a resize', { before: [build], act: resize, tolerated: cindersOwn })
