export { VifError, type VifErrorCode } from './errors.js'
export { HostInfo, HostPluginInfo, HostPortProfileInfo, HostVIFInfo } from './objects/host-info.js'
export { osVifObjects } from './objects/index.js'
export { InstanceInfo } from './objects/instance-info.js'
export { FixedIP, FixedIPList, Network, Route, RouteList, Subnet, SubnetList } from './objects/network.js'
export {
  DatapathOffloadBase,
  DatapathOffloadRepresentor,
  VIFPortProfile8021Qbg,
  VIFPortProfile8021Qbh,
  VIFPortProfileBase,
  VIFPortProfileFPBridge,
  VIFPortProfileFPOpenVSwitch,
  VIFPortProfileFPTap,
  VIFPortProfileK8sDPDK,
  VIFPortProfileOpenVSwitch,
  VIFPortProfileOVSRepresentor,
} from './objects/port-profiles.js'
export { VIFBase, VIFBridge, VIFDirect, VIFGeneric, VIFHostDevice, VIFNestedDPDK, VIFOpenVSwitch, VIFVHostUser } from './objects/vif.js'
export { type LinuxBridgeSettings, type OvsSettings, osVifLinuxBridgeOptions, osVifOvsOptions } from './options.js'
export { OsVif, type OsVifDeps } from './os-vif.js'
export { LinuxBridgePlugin, type LinuxBridgePluginDeps } from './plugins/linux-bridge.js'
export { noopPlugin } from './plugins/noop.js'
export { OvsPlugin, type OvsPluginDeps } from './plugins/ovs.js'
export type { VifPlugin } from './plugins/plugin.js'
