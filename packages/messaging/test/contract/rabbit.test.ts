import { needs } from '@micronova/testing'
import { removeAfter } from '../harness.js'
import { testTransportContract } from './transport-contract.js'

const { url, skip } = await needs('rabbitmq')

testTransportContract({
  name: 'rabbit',
  url: url.replace(/^amqp:/, 'rabbit:'),
  skip,
  removeAfter: (t, names) => removeAfter(t, url, names),
})
