import { runMicronova } from '../run-micronova.js'

void runMicronova(process.argv.slice(2))
