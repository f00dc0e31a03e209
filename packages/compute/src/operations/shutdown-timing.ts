import type { Instance } from '@micronova/model'
import type { ShutdownTiming } from '@micronova/virt'
import type { ComputeSettings } from '../options.js'

/** How long this guest may take to shut down by itself: its image may say so, else the configuration does. */
export function shutdownTiming(settings: ComputeSettings, instance: Instance, clean: boolean): ShutdownTiming {
  if (!clean) return { timeoutSeconds: 0, retryIntervalSeconds: 0 }
  const ofImage = Number.parseInt(instance.system_metadata?.image_os_shutdown_timeout ?? '', 10)
  return {
    timeoutSeconds: Number.isNaN(ofImage) ? settings.shutdownTimeoutSeconds : ofImage,
    retryIntervalSeconds: settings.shutdownRetryIntervalSeconds,
  }
}
