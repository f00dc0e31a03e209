'use strict'
// Run by micronova-privsep-helper once it has given up what it must not keep.
require('./launch.js')('privsep-helper')
