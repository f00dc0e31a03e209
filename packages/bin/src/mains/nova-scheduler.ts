import { novaScheduler } from '../nova-scheduler.js'
import { runService } from '../run-service.js'

void runService('nova-scheduler', () => novaScheduler(process.argv.slice(2)))
