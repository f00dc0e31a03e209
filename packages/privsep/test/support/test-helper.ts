// A helper as the real one is, with functions that misbehave. Run by the tests as a program.
import { appendFileSync, readFileSync } from 'node:fs'
import { arg, privileged, privsepContext, runCommand, runHelper } from '@micronova/privsep/privileged'

const path = arg.text('a path', /^\/[\w./-]+$/)

export const testContext = privsepContext({
  name: 'test.context',
  section: 'test_privileged',
  capabilities: ['CAP_NET_ADMIN', 'CAP_CHOWN'],
  modules: {
    echo: {
      back: privileged(
        { text: arg.text('letters', /^[a-z]+$/), times: arg.optional(arg.integer(1, 10_000_000)) },
        async ({ text, times = 1 }) => text.repeat(times),
      ),
      pid: privileged({}, async () => process.pid),
      say: privileged({ text: arg.text('letters', /^[a-z]+$/) }, async ({ text }, { log }) => log.warning(text)),
      status: privileged({}, async () => readFileSync('/proc/self/status', 'utf8')),
    },
    trouble: {
      /** Notes that it ran, and dies before it has answered. */
      die: privileged({ path }, async ({ path }) => {
        appendFileSync(path, 'ran\n')
        process.kill(process.pid, 'SIGKILL')
      }),
      hang: privileged({}, () => new Promise<never>(() => {})),
      /** No event of the helper comes through. */
      block: privileged({}, async () => {
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
      }),
      sleep: privileged({ path }, async ({ path }, { signal }) => {
        await runCommand('sh', ['-c', 'echo $$ > "$1"; exec sleep 1000', 'sh', path], { signal })
      }),
      fail: privileged({}, async () => {
        await runCommand('ls', ['/nonexistent'])
      }),
      garble: privileged({}, async () => {
        process.stdout.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
      }),
      notAFunction: { args: {}, run: async () => 'ran' } as never,
    },
  },
})

if (process.argv[1]?.endsWith('test-helper.js'))
  runHelper([testContext], process.argv.slice(2)).then(
    () => process.exit(0),
    (err) => {
      process.stderr.write(`${(err as Error).message}\n`)
      process.exit(1)
    },
  )
