import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeCellUrl } from './cell-urls.js'

test('a URL without braces is taken as it is', () => {
  assert.equal(completeCellUrl('mysql+pymysql://nova:a@db/nova', 'mysql+pymysql://other:b@elsewhere/x'), 'mysql+pymysql://nova:a@db/nova')
})

test('the parts of the own URL stand in for their names; nothing is decoded', () => {
  const own = 'mysql+pymysql://nova:p%40ss@DB1.example:3307/nova?charset=utf8'
  const template = '{scheme}://{username}:{password}@{hostname}:{port}/{path}_cell0?{query}'
  assert.equal(completeCellUrl(template, own), 'mysql+pymysql://nova:p%40ss@db1.example:3307/nova_cell0?charset=utf8')
  assert.equal(completeCellUrl('{scheme}://{hostname}:{port}/', 'rabbit://h/'), 'rabbit://h:None/')
})

test('several hosts are numbered', () => {
  const own = 'rabbit://a:b@h1:1,c:d@[::1]:2/v'
  assert.equal(completeCellUrl('{scheme}://{username2}:{password2}@{hostname1}:{port1}/{path}', own), 'rabbit://c:d@h1:1/v')
})

test('a name that means nothing, or no own URL, leaves the template alone', () => {
  assert.equal(completeCellUrl('rabbit://{hostname7}/', 'rabbit://h/'), 'rabbit://{hostname7}/')
  assert.equal(completeCellUrl('rabbit://{hostname}/', null), 'rabbit://{hostname}/')
})
