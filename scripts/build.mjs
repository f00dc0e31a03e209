// npm run build: type check and compile every package, then bundle the mains. Each step is incremental.
import { prepare } from './prepare.mjs'

await prepare()
