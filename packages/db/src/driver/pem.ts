import { readFileSync } from 'node:fs'
import { DatabaseError } from '../errors.js'

/** A certificate or key that the URL parameter `parameter` points to. @throws DatabaseError `invalid_url` */
export function readPem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (err) {
    throw new DatabaseError('invalid_url', `[database] connection cannot be used: ${parameter} ${path} cannot be read`, { cause: err })
  }
}
