export { ConductorManager, type ConductorManagerDeps } from './conductor-manager.js'
export { type ConductorServiceDeps, type ConductorServiceOptions, createConductorService } from './conductor-service.js'
