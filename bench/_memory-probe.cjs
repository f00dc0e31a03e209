'use strict'
// Preloaded into a service that is measured, which runs with --expose-gc: collects its garbage when asked by `bench/memory.mjs`, and
// tells what is left; or writes a heap snapshot to the path that it is given.
const { writeHeapSnapshot } = require('node:v8')

const KIB = 1024

process.on('message', (question) => {
  if (typeof question === 'string') writeHeapSnapshot(question)
  else for (let round = 0; round < 4; round++) global.gc() // finalizers of one round free what the next collects
  const { heapUsed, heapTotal, rss } = process.memoryUsage()
  process.send({ heapKib: heapUsed / KIB, reservedKib: heapTotal / KIB, rssKib: rss / KIB })
})
process.channel.unref()
