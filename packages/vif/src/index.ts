export { osVifObjects } from './objects/index.js'
