'use strict'
// Runs build/PROGRAM.cjs, made by `npm run build`, from V8's code cache where that fits this Node.
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

/** @param {string} program name of a file in packages/bin/src/mains */
module.exports = function launch(program) {
  const file = join(dirname(__dirname), 'build', `${program}.cjs`)
  if (!existsSync(file)) {
    process.stderr.write(`${program}: ${file} is missing; run "npm run build" first\n`)
    process.exit(1)
  }
  const cache = `${file}.${process.version}.cache`
  const writing = process.env.MICRONOVA_WRITE_CODE_CACHE === '1'
  const cachedData = !writing && existsSync(cache) ? readFileSync(cache) : undefined
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  const script = new Script(source, { filename: file, cachedData })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  if (writing)
    process.once('exit', () => {
      // Renamed into place: a service that starts meanwhile sees the old cache or the new one.
      writeFileSync(`${cache}.${process.pid}`, script.createCachedData())
      renameSync(`${cache}.${process.pid}`, cache)
    })
}
