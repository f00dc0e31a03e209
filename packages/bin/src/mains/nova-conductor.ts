import { novaConductor } from '../nova-conductor.js'
import { runService } from '../run-service.js'

void runService('nova-conductor', () => novaConductor(process.argv.slice(2)))
