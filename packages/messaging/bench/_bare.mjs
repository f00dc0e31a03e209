// The yardstick: a ping-pong over amqplib alone, both JSON passes on both sides, no confirms, one process each side,
// one connection each; replies go to a direct exchange of the name of the reply queue.
// argv: server URL NAME | client URL NAME IN_FLIGHT SECONDS
import { connect } from 'amqplib'
import { measureCalls } from './_load.mjs'
import { decode, encodeReply, encodeRequest, newId } from './_payload.mjs'

const [role, url, name, inFlight, seconds] = process.argv.slice(2)
const properties = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 }
const connection = await connect(url, { noDelay: true })
const channel = await connection.createChannel()
await channel.prefetch(64)

if (role === 'server') {
  await channel.assertExchange(name, 'topic', { durable: false, autoDelete: true })
  await channel.assertQueue(name, { durable: false, autoDelete: true })
  await channel.bindQueue(name, name, name)
  await channel.consume(name, (delivery) => {
    channel.ack(delivery)
    const message = decode(delivery.content)
    channel.publish(message._reply_q, message._reply_q, encodeReply(message._msg_id, message.args.instance), properties)
  })
  process.send('ready')
} else {
  const replyQueue = `reply_${newId()}`
  const waiting = new Map()
  await channel.assertExchange(replyQueue, 'direct', { durable: false, autoDelete: true })
  await channel.assertQueue(replyQueue, { durable: false, autoDelete: true })
  await channel.bindQueue(replyQueue, replyQueue, replyQueue)
  await channel.consume(replyQueue, (delivery) => {
    channel.ack(delivery)
    const message = decode(delivery.content)
    const resolve = waiting.get(message._msg_id)
    waiting.delete(message._msg_id)
    resolve(message.result)
  })
  const call = () => {
    const msgId = newId()
    const result = new Promise((resolve) => waiting.set(msgId, resolve))
    channel.publish(name, name, encodeRequest(msgId, replyQueue), properties)
    return result
  }
  process.send(await measureCalls(call, Number(inFlight), Number(seconds)))
  process.exit(0)
}
