import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A run of the periodic usage audit. */
export class TaskLog extends defineObject({
  name: 'TaskLog',
  version: '1.0',
  fields: {
    ...persistentFields,
    errors: f.integer(),
    host: f.string(),
    id: f.integer({ readOnly: true }),
    message: f.string(),
    period_beginning: f.dateTime(),
    period_ending: f.dateTime(),
    state: f.string({ readOnly: true }),
    task_items: f.integer(),
    task_name: f.string(),
  },
  remotable: {
    begin_task: instanceMethod(),
    end_task: instanceMethod(),
    get: classMethod('task_name', 'period_beginning', 'period_ending', 'host', ['state', null]),
  },
}) {}

export class TaskLogList extends defineList({
  name: 'TaskLogList',
  version: '1.0',
  of: TaskLog,
  remotable: {
    get_all: classMethod('task_name', 'period_beginning', 'period_ending', ['host', null], ['state', null]),
  },
}) {}
