import { novaCompute } from '../nova-compute.js'
import { runService } from '../run-service.js'

void runService('nova-compute', () => novaCompute(process.argv.slice(2)))
