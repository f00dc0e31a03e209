// The graph of packages points one way: tiers downwards, services never to each other, the same edges in package.json and tsconfig.json.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tiers = [
  ['lifecycle', 'testing', 'config', 'log', 'versionedobjects'],
  ['messaging', 'service', 'privsep', 'vif', 'reports'],
  ['model', 'rpcapi', 'clients', 'notifications', 'db', 'virt'],
  ['compute', 'conductor', 'scheduler'],
  ['cloud', 'bin'],
]
/** What a tier alone would allow, and the design forbids. */
const forbidden = { compute: ['db'], conductor: ['virt'], scheduler: ['virt'] }

const names = readdirSync(join(root, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
const tierOf = (name) => tiers.findIndex((tier) => tier.includes(name))
const readJson = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'))
const ours = (dependencies = {}) =>
  Object.keys(dependencies)
    .filter((name) => name.startsWith('@micronova/'))
    .map((name) => name.slice('@micronova/'.length))

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'fixtures'].includes(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.m?tsx?$/.test(entry.name)) yield path
  }
}

/** What of a package can be imported, by its `exports`: its name, and its name with `/privileged` where it has such a folder. */
function facesOf(bare) {
  const { exports } = readJson('packages', bare.slice('@micronova/'.length), 'package.json')
  return new Map(Object.entries(exports).map(([face, { default: file }]) => [bare + face.slice(1), file]))
}

/** @param path within its package */
const isTest = (path) => /^test\/|\.test\.ts$/.test(path)

/** Specifiers of `import`, `export ... from` and `import()`. */
function imports(path) {
  const text = readFileSync(path, 'utf8')
  const statements = /^(?:import|export)\s(?:type\s)?(?:\w+|\*(?: as \w+)?|\{[^}]*\})(?:,\s*\{[^}]*\})?\s+from '([^']+)'/gm
  const calls = /\bimport\(\s*'([^']+)'\s*\)/g
  return [...text.matchAll(statements), ...text.matchAll(calls)].map((match) => match[1])
}

test('every package stands in a tier, and every tier names packages that exist', () => {
  assert.deepEqual([...names].sort(), tiers.flat().sort())
})

for (const name of names) {
  const manifest = readJson('packages', name, 'package.json')
  const dependencies = ours(manifest.dependencies)
  const all = new Set([...dependencies, ...ours(manifest.devDependencies)])

  test(`${name} depends on lower tiers, or on its own without a service on either side`, () => {
    for (const other of dependencies) {
      assert.ok(tierOf(other) <= tierOf(name), `${name} must not import ${other}: a higher tier`)
      assert.ok(!(forbidden[name] ?? []).includes(other), `${name} must not import ${other}`)
      if (tierOf(other) === tierOf(name)) assert.ok(tierOf(name) !== 3, `${name} must not import ${other}: services meet on the wire`)
      assert.notEqual(other, 'testing', `${name} may import testing in its tests only`)
    }
  })

  test(`${name} has the same edges in package.json and tsconfig.json`, () => {
    const references = (readJson('packages', name, 'tsconfig.json').references ?? []).map((reference) => reference.path.replace('../', ''))
    assert.deepEqual([...references].sort(), [...all].sort())
  })

  test(`${name} imports nothing but what it declares, and no other package's inside`, () => {
    const npm = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
    const dev = new Set([...npm, ...Object.keys(manifest.devDependencies ?? {}), ...Object.keys(readJson('package.json').devDependencies)])
    for (const path of sources(join(root, 'packages', name))) {
      const inTest = isTest(relative(join(root, 'packages', name), path))
      for (const specifier of imports(path)) {
        if (specifier.startsWith('node:')) continue
        const where = `${relative(root, path)} imports ${specifier}`
        if (specifier.startsWith('.')) {
          const target = relative(join(root, 'packages', name), join(dirname(path), specifier))
          assert.ok(!target.startsWith('..'), `${where}: another package's inside`)
          continue
        }
        const bare = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
        assert.ok(!bare.startsWith('@micronova/') || facesOf(bare).has(specifier), `${where}: not through its face`)
        if (inTest && bare === `@micronova/${name}`) continue // a test may come in by the front door
        assert.ok((inTest ? dev : npm).has(bare), `${where}: not declared${inTest ? '' : ' as a dependency'}`)
      }
    }
  })
}

test('signals, process.exit and the environment are for bin alone', () => {
  for (const name of names.filter((name) => !['bin', 'testing'].includes(name))) {
    for (const path of sources(join(root, 'packages', name))) {
      if (isTest(relative(join(root, 'packages', name), path))) continue
      const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      const found = text.match(/process\.(exit\b|env\b|on\(|once\(|kill\b)/)
      assert.equal(found, null, `${relative(root, path)} uses ${found?.[0]}`)
    }
  }
})

/** Every file that `path` loads, by the sources. */
function closure(path, seen = new Set()) {
  if (seen.has(path)) return seen
  seen.add(path)
  for (const specifier of imports(path)) {
    if (specifier.startsWith('node:')) continue
    if (specifier.startsWith('.')) closure(join(dirname(path), specifier.replace(/\.js$/, '.ts')), seen)
    else {
      const [scope, name] = specifier.split('/')
      const file = scope === '@micronova' ? facesOf(`${scope}/${name}`).get(specifier) : undefined
      assert.ok(
        file,
        `${relative(root, path)} imports ${specifier}: the helper that runs as root loads Node's own modules and privsep alone`,
      )
      closure(join(root, 'packages', name, file.replace('/dist/', '/').replace(/\.js$/, '.ts')), seen)
    }
  }
  return seen
}

test('the privileged helper loads privileged folders, the inside of privsep and nothing else', () => {
  const files = [...closure(join(root, 'packages', 'bin', 'src', 'mains', 'privsep-helper.ts'))].map((path) => relative(root, path))
  for (const file of files.slice(1))
    assert.match(
      file,
      /^packages\/(?:\w+\/src\/privileged|privsep\/src\/(?:privileged|helper|wire))\/[\w-]+\.ts$/,
      `${file} is loaded as root`,
    )
  assert.ok(files.length > 10, 'the closure was followed')
  const lines = files.map((file) => readFileSync(join(root, file), 'utf8').split('\n').length).reduce((sum, count) => sum + count)
  assert.ok(lines < 1500, `${lines} lines run as root: more than one reads in a sitting`)
})

test('privileged folders import nothing that another part of their package has', () => {
  for (const name of names)
    for (const path of sources(join(root, 'packages', name, 'src')))
      if (relative(join(root, 'packages', name), path).startsWith('src/privileged/') && name !== 'privsep')
        for (const specifier of imports(path))
          assert.match(
            specifier,
            /^(?:node:[\w/]+|\.\/[\w-]+\.js|@micronova\/privsep\/privileged)$/,
            `${relative(root, path)} imports ${specifier}`,
          )
})

test('there is no cycle between packages', () => {
  const edges = Object.fromEntries(names.map((name) => [name, ours(readJson('packages', name, 'package.json').dependencies)]))
  const visit = (name, path) => {
    assert.ok(!path.includes(name), `cycle: ${[...path, name].join(' -> ')}`)
    for (const other of edges[name]) visit(other, [...path, name])
  }
  for (const name of names) visit(name, [])
})
