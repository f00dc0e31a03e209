import type { FrameModel, ThreadModel } from '../model.js'
import { threadTitle } from './titles.js'

/** Each thread with what is known of it, then its stack. @see oslo.reports 2.4.0, `views/text/threading.py` */
export function threadsView(threads: readonly ThreadModel[]): string {
  return threads.length === 0 ? 'none\n' : threads.map(oneThread).join('\n')
}

function oneThread({ title, notes, stack }: ThreadModel): string {
  const known = notes.length === 0 ? '' : `\n${notes.map((note) => `${note}\n`).join('')}`
  if (stack === null && notes.length > 0) return threadTitle(title) + known
  return threadTitle(title) + known + (stack === null || stack.length === 0 ? '\nNo Traceback!\n' : stack.map(oneFrame).join(''))
}

function oneFrame({ filename, line, name, code }: FrameModel): string {
  return `\n${filename}:${line} in ${name}\n    ${code === null ? '(source not found)' : `\`${code}\``}\n`
}
