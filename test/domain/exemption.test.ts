import { describe, expect, test } from 'vitest'
import { type IpNetwork, parseIpAddress, parseIpNetwork } from '../../src/base/ip-network.ts'
import { type Exemption, findExemption, groupsOf } from '../../src/domain/exemption.ts'
import type { LoginFacts } from '../../src/domain/login.ts'
import { ALICE } from '../support/account-fixture.ts'
import { buildFacts } from '../support/login-fixture.ts'

const NONE = { exceptUsers: [], exceptGroups: [], isEmergency: false }
const buildRule = (fields: Partial<Exemption>): Exemption => ({ name: 'rule', ...NONE, ...fields })

const covers = (rule: Partial<Exemption>, facts: Partial<LoginFacts> = {}) =>
  findExemption([buildRule(rule)], buildFacts(facts)) !== undefined

function network(text: string): IpNetwork {
  const parsed = parseIpNetwork(text)
  if (parsed === undefined) throw new Error(`not a network: ${text}`)
  return parsed
}

const from = (address: string) => ({ address: parseIpAddress(address) })

describe('a rule with one condition', () => {
  const key = { method: 'publickey', fingerprint: 'SHA256:vetted', keyType: 'sk-ssh-ed25519' }
  const otherKey = { ...key, fingerprint: 'SHA256:other', keyType: 'ssh-ed25519' }
  const password = { method: 'password', fingerprint: undefined, keyType: undefined }

  test.each([
    { rule: { users: [ALICE] }, met: {}, unmet: { name: 'alice2' } },
    { rule: { users: ['bob', ALICE] }, met: {}, unmet: { name: 'Alice' } },
    { rule: { groups: ['wheel'] }, met: { groups: ['wheel'] }, unmet: { groups: ['users'] } },
    { rule: { groups: ['a', 'b'] }, met: { groups: ['b', 'c'] }, unmet: { groups: [] } },
    { rule: { services: ['sshd', 'x'] }, met: { service: 'sshd' }, unmet: { service: 'sudo' } },
    {
      rule: { keys: ['SHA256:vetted'] },
      met: { firstFactor: key },
      unmet: { firstFactor: otherKey },
    },
    {
      rule: { keys: ['SHA256:vetted'] },
      met: { firstFactor: key },
      unmet: { firstFactor: password },
    },
    {
      rule: { keys: ['SHA256:vetted'] },
      met: { firstFactor: key },
      unmet: { firstFactor: undefined },
    },
    {
      rule: { keyTypes: ['sk-ssh-ed25519'] },
      met: { firstFactor: key },
      unmet: { firstFactor: otherKey },
    },
    {
      rule: { keyTypes: ['sk-ssh-ed25519'] },
      met: { firstFactor: key },
      unmet: { firstFactor: undefined },
    },
  ])('$rule holds with $met and not with $unmet', ({ rule, met, unmet }) => {
    expect(covers(rule, met as Partial<LoginFacts>)).toBe(true)
    expect(covers(rule, unmet as Partial<LoginFacts>)).toBe(false)
  })

  test('on a group that is not there holds for nobody', () => {
    expect(covers({ groups: ['gone'] }, { missingGroups: ['gone'] })).toBe(false)
  })
})

describe('a rule by network', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255', '11.0.0.0'],
    ['10.0.0.0/9', '10.127.255.255', '10.128.0.0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
    ['192.0.2.6/31', '192.0.2.7', '192.0.2.8'],
    ['10.0.0.0/8', '::ffff:10.1.2.3', '::ffff:11.1.2.3'],
    ['::ffff:10.0.0.0/104', '10.1.2.3', '11.1.2.3'],
    ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:db8::2'],
    ['fe80::/10', 'fe80::1%eth0', 'fec0::1'],
    ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
  ])('%s holds for %s and not for %s', (block, inside, outside) => {
    const rule = { networks: [network('198.51.100.0/24'), network(block)] }
    expect(covers(rule, from(inside))).toBe(true)
    expect(covers(rule, from(outside))).toBe(false)
  })

  test('does not hold without an address, also where it has all of them', () => {
    const rule = { networks: [network('0.0.0.0/0'), network('::/0')] }
    expect(covers(rule, { address: undefined })).toBe(false)
  })
})

describe('a rule with several conditions', () => {
  const rule = { users: [ALICE], networks: [network('192.0.2.0/24')], services: ['sshd'] }

  test('holds only where all of them are met', () => {
    expect(covers(rule)).toBe(true)
    expect(covers(rule, { service: 'sudo' })).toBe(false)
    expect(covers(rule, from('198.51.100.1'))).toBe(false)
    expect(covers({ ...rule, users: ['bob'] })).toBe(false)
  })

  test('holds for nobody where it has none', () => {
    expect(covers({})).toBe(false)
    expect(covers({ isEmergency: true })).toBe(false)
  })
})

describe('an exception', () => {
  test.each([
    { exceptUsers: [ALICE], facts: {} },
    { exceptGroups: ['wheel'], facts: { groups: ['staff', 'wheel'] } },
    { exceptGroups: ['whell'], facts: { groups: ['staff'], missingGroups: ['whell'] } },
  ])('$exceptUsers$exceptGroups outweighs every condition', ({ facts, ...exceptions }) => {
    const rule = { users: [ALICE], groups: ['staff'], services: ['sshd'] }
    expect(covers(rule, { groups: ['staff'] })).toBe(true)
    expect(covers({ ...rule, ...exceptions }, { groups: ['staff'], ...facts })).toBe(false)
  })

  test('of others changes nothing', () => {
    const rule = { users: [ALICE], exceptUsers: ['bob'], exceptGroups: ['wheel'] }
    expect(covers(rule, { groups: ['staff'] })).toBe(true)
  })
})

test('the first rule that holds gives its name', () => {
  const rules = [
    buildRule({ name: 'first', users: ['bob'] }),
    buildRule({ name: 'second', users: [ALICE] }),
    buildRule({ name: 'third', services: ['sshd'] }),
  ]
  expect(findExemption(rules, buildFacts())?.name).toBe('second')
})

test('the groups to look up are those that any rule names, each once; none without such a rule', () => {
  const rules = [
    buildRule({ groups: ['a', 'b'] }),
    buildRule({ users: ['x'], exceptGroups: ['b', 'c'] }),
  ]
  expect(groupsOf(rules)).toEqual(['a', 'b', 'c'])
  expect(groupsOf([buildRule({ users: ['x'] })])).toEqual([])
})
