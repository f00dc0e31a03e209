// Loaded with --import into a program: its event loop gets stuck once the file BLOCK_AT is there, in the way that BLOCK_HOW names.
import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const { BLOCK_AT: file = '', BLOCK_HOW: how } = process.env

function spinForGood(): never {
  for (;;) Math.random()
}

if (isMainThread && /nova-\w+$/.test(process.argv[1] ?? '')) {
  const timer = setInterval(() => {
    if (!existsSync(file)) return
    clearInterval(timer)
    process.stderr.write('blocked\n')
    if (how === 'javascript') spinForGood()
    execSync('sleep 600')
  }, 20)
  timer.unref()
}
