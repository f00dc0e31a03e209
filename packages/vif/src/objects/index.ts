import type { AnyObjectClass } from '@micronova/versionedobjects'
import { HostInfo, HostPluginInfo, HostPortProfileInfo, HostVIFInfo } from './host-info.js'
import { InstanceInfo } from './instance-info.js'
import { FixedIP, FixedIPList, Network, Route, RouteList, Subnet, SubnetList } from './network.js'
import {
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
} from './port-profiles.js'
import { VIFBase, VIFBridge, VIFDirect, VIFGeneric, VIFHostDevice, VIFNestedDPDK, VIFOpenVSwitch, VIFVHostUser } from './vif.js'

/** Every object of os-vif 3.0. */
export const osVifObjects: readonly AnyObjectClass[] = [
  DatapathOffloadBase,
  DatapathOffloadRepresentor,
  FixedIP,
  FixedIPList,
  HostInfo,
  HostPluginInfo,
  HostPortProfileInfo,
  HostVIFInfo,
  InstanceInfo,
  Network,
  Route,
  RouteList,
  Subnet,
  SubnetList,
  VIFBase,
  VIFBridge,
  VIFDirect,
  VIFGeneric,
  VIFHostDevice,
  VIFNestedDPDK,
  VIFOpenVSwitch,
  VIFPortProfile8021Qbg,
  VIFPortProfile8021Qbh,
  VIFPortProfileBase,
  VIFPortProfileFPBridge,
  VIFPortProfileFPOpenVSwitch,
  VIFPortProfileFPTap,
  VIFPortProfileK8sDPDK,
  VIFPortProfileOVSRepresentor,
  VIFPortProfileOpenVSwitch,
  VIFVHostUser,
]
