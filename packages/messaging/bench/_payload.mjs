// A Nova-like request of about 2 KB: a call with a small instance object, in its envelope.
import { randomUUID } from 'node:crypto'

export const context = {
  user: null,
  project_id: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
  request_id: `req-${randomUUID()}`,
  is_admin: true,
  roles: ['admin', 'member', 'reader'],
  read_deleted: 'no',
}

export const instance = {
  'nova_object.name': 'Instance',
  'nova_object.namespace': 'nova',
  'nova_object.version': '2.7',
  'nova_object.data': {
    uuid: '5b8f1e0c-7c2a-4f7e-9b51-0c1f6a3d7e11',
    id: 17,
    host: 'compute-1',
    node: 'compute-1.example.org',
    display_name: 'bench',
    hostname: 'bench',
    vm_state: 'active',
    task_state: null,
    power_state: 1,
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    image_ref: '5b8f1e0c-7c2a-4f7e-9b51-0c1f6a3d7e12',
    project_id: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    user_id: '00112233445566778899aabbccddeeff',
    created_at: '2026-01-01T00:00:00Z',
    launched_at: '2026-01-01T00:00:10Z',
    metadata: { a: '1', b: '2' },
    system_metadata: { image_min_disk: '1', image_container_format: 'bare', pad: 'x'.repeat(420) },
  },
  'nova_object.changes': ['task_state'],
}

export const args = { instance, arg: 'y'.repeat(200) }

/** The two JSON passes that any oslo.messaging client does, and nothing else. */
export function encodeRequest(msgId, replyQueue) {
  const message = {
    method: 'ping_instance',
    args,
    version: '6.0',
    _msg_id: msgId,
    _reply_q: replyQueue,
    _timeout: null,
    _unique_id: newId(),
  }
  for (const key in context) message[`_context_${key}`] = context[key]
  return wrap(message)
}

export function encodeReply(msgId, result) {
  return wrap({ result, failure: null, ending: true, _msg_id: msgId, _unique_id: newId() })
}

export function decode(body) {
  return JSON.parse(JSON.parse(body.toString('utf8'))['oslo.message'])
}

export function newId() {
  return randomUUID().replaceAll('-', '')
}

function wrap(message) {
  return Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }))
}
