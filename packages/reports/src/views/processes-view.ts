import type { ProcessModel } from '../model.js'

/** The first line of each process is upstream's; what it runs, and since when, is ours. @see oslo.reports 2.4.0, `views/text/process.py` */
export function processesView(process: ProcessModel, indent = ''): string {
  const { pid, parent_pid, username, uid, state, command, since, children } = process
  const lines = [`Process ${pid} (under ${parent_pid}) [ run by: ${username} (${uid}), state: ${state} ]`]
  if (command !== '') lines.push(`  ${command}`)
  if (since !== null) lines.push(`  since ${since}`)
  const own = lines.map((line) => `${indent}${line}\n`).join('')
  return own + children.map((child) => processesView(child, `${indent}    `)).join('')
}
