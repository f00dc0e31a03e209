import { testTransportContract } from './transport-contract.js'

testTransportContract({ name: 'memory', url: 'memory://', skip: false, removeAfter: () => {} })
