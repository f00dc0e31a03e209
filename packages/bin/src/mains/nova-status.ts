import { runNovaStatus } from '../run-nova-status.js'

void runNovaStatus(process.argv.slice(2))
