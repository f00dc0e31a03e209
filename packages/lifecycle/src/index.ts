export { type Clock, systemClock, type Timer } from './clock.js'
export { aborted, doneOrAborted, follow, type Lifecycle, type LifecycleState, stopAll } from './lifecycle.js'
export { type Random, systemRandom } from './random.js'
export { runSteps, type Step, UndoFailed } from './steps.js'
