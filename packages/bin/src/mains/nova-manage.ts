import { runNovaManage } from '../run-nova-manage.js'

void runNovaManage(process.argv.slice(2))
