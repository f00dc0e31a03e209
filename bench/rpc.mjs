// npm run bench -- rpc: calls a second over RabbitMQ and in process, beside bare amqplib in the same run. See packages/messaging/bench.
export { describe, run } from '../packages/messaging/bench/rpc.mjs'
