import type { ComputeNode } from '@micronova/model'
import type { NodeReport } from '../report.js'

const perVmState = 'num_vm_'

/** What the record of a node says, which the tracker keeps up to date as instances come, change and go. */
export function nodeReport(node: ComputeNode): NodeReport {
  const stats = Object.entries(node.stats ?? {}).filter(([key]) => key.startsWith(perVmState))
  return {
    name: node.hypervisor_hostname ?? node.host ?? '',
    vcpus: { total: node.vcpus, used: node.vcpus_used },
    memoryMb: { total: node.memory_mb, used: node.memory_mb_used },
    diskGb: { total: node.local_gb, used: node.local_gb_used },
    instances: Object.fromEntries(stats.map(([key, count]) => [key.slice(perVmState.length), Number(count)])),
  }
}
