import { expect, test } from 'vitest'
import type { Passwd } from '../../src/app/ports.ts'
import { type PolicyWarning, reviewDevices, reviewPolicy } from '../../src/app/review-policy.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { verifyPolicy } from '../../src/wire.ts'
import { buildDevice, buildKnown } from '../support/account-fixture.ts'
import { ALICE_ENTRY, createTestPorts } from '../support/app-fixture.ts'
import { buildPolicy } from '../support/login-fixture.ts'

/** A host with alice, whom it also finds by capitals, a group wheel and a service sshd. */
const passwd: Passwd = {
  findByName: (name) => (name.toLowerCase() === ALICE_ENTRY.name ? ALICE_ENTRY : undefined),
  findGroupMembers: (group) => (group === 'wheel' ? [] : undefined),
  findGroups: () => ({ joined: [], missing: [] }),
}
const ports = {
  passwd,
  hasPamService: (name: string) => name === 'sshd',
  mayMissMembers: () => false,
}

/** 43 characters, of which the last stands for four bits of a hash. */
const FINGERPRINT = `SHA256:${'a'.repeat(42)}A`
const NO_FINGERPRINT = `SHA256:${'a'.repeat(42)}B`

const outline = (warnings: readonly PolicyWarning[]) =>
  warnings.map(({ path, message }) => `${path.join('.')}: ${message}`)
const review = (toml: string) => outline(reviewPolicy(ports, verifyPolicy(parseConfig(toml, 'x'))))
const reviewRule = (...lines: string[]) => review(`[[exempt]]\nname = "r"\n${lines.join('\n')}\n`)

test('a policy that fits the host has no warnings', () => {
  expect(review('')).toEqual([])
  const users = ['users = ["alice"]', 'groups = ["wheel"]', 'services = ["sshd"]']
  expect(reviewRule(...users)).toEqual([])
  const networks = 'networks = ["10.0.0.0/8", "fc00::/7", "192.0.2.7", "2001:db8::/32"]'
  expect(reviewRule(networks, 'except_groups = ["wheel"]')).toEqual([])
  expect(reviewRule(`keys = ["${FINGERPRINT}"]`)).toEqual([])
  const types = 'key_types = ["sk-ssh-ed25519@openssh.com"]'
  expect(reviewRule(types, 'trust_key_types = true')).toEqual([])
})

test.each([
  ['users = ["bob"]', 'users: r: there is no user bob'],
  ['users = ["Alice"]', 'users: r: the user Alice is called alice here'],
  ['groups = ["whell"]', 'groups: r: there is no group whell'],
])('a rule for what is not there is told of: %s', (line, warning) => {
  expect(reviewRule(line)).toEqual([`exempt.0.${warning}`])
})

test('a rule for a service that is not there is told of', () => {
  const warning = 'exempt.0.services: r: there is no PAM service kiosk'
  expect(reviewRule('users = ["alice"]', 'services = ["kiosk"]')).toEqual([warning])
})

test.each([
  [['networks = ["0.0.0.0/0"]'], 'networks: r: 0.0.0.0/0 is the internet, or much of it'],
  [['networks = ["::/0"]'], 'networks: r: ::/0 is the internet, or much of it'],
  [['networks = ["128.0.0.0/1"]'], 'networks: r: 128.0.0.0/1 is the internet, or much of it'],
  [['networks = ["2000::/3"]'], 'networks: r: 2000::/3 is the internet, or much of it'],
  [
    ['services = ["sshd"]', 'except_groups = ["wheel"]'],
    'services: r: nothing but services: from anywhere, nobody is asked for a code there',
  ],
  [
    ['key_types = ["ssh-ed25519"]', 'trust_key_types = true'],
    'key_types: r: ssh-ed25519 is the type of any key in a file',
  ],
])('a rule that lets nearly everybody in is told of: %s', (lines, warning) => {
  expect(reviewRule(...lines)).toEqual([`exempt.0.${warning}`])
})

test.each([
  ['services = ["sudo"]', 'services: r: sudo asks for a code whatever a rule says'],
  ['services = ["su-l"]', 'services: r: su-l asks for a code whatever a rule says'],
  [`keys = ["${NO_FINGERPRINT}"]`, 'keys: r: 1 fingerprint that no key can have'],
])('a condition that nobody can meet is told of: %s', (line, warning) => {
  const everything = { ...ports, hasPamService: () => true }
  const toml = `[[exempt]]\nname = "r"\nusers = ["alice"]\n${line}\n`
  const warnings = reviewPolicy(everything, verifyPolicy(parseConfig(toml, 'x')))
  expect(outline(warnings)).toEqual([`exempt.0.${warning}`])
})

test.each([
  ['except_users = ["bob"]', 'except_users: r: there is no user bob'],
  ['except_groups = ["whell"]', 'except_groups: r: there is no group whell'],
])('so is an exception that is not there: %s', (line, warning) => {
  expect(reviewRule('networks = ["::1"]', line)).toEqual([`exempt.0.${warning}`])
})

test('an excepted group of this host is told of where a directory may add members', () => {
  const toml = '[[exempt]]\nname = "r"\nnetworks = ["::1"]\nexcept_groups = ["wheel"]\n'
  const mixed = { ...ports, mayMissMembers: (group: string) => group === 'wheel' }
  expect(outline(reviewPolicy(mixed, verifyPolicy(parseConfig(toml, 'x'))))).toEqual([
    'exempt.0.except_groups: r: wheel is a group of this host, and a directory may add members to it',
  ])
  const joining = toml.replace('except_groups', 'groups')
  expect(reviewPolicy(mixed, verifyPolicy(parseConfig(joining, 'x')))).toEqual([])
})

test('a group that is excepted and not there is said to close the rule', () => {
  const toml = '[[exempt]]\nname = "r"\nnetworks = ["::1"]\nexcept_groups = ["whell"]\n'
  const [warning] = reviewPolicy(ports, verifyPolicy(parseConfig(toml, 'x')))
  expect(warning?.hint).toContain('the rule excuses nobody')
})

test.each([
  [['users = ["alice"]', 'except_users = ["alice"]']],
  [['groups = ["wheel"]', 'except_groups = ["wheel"]']],
])('a rule whose exceptions leave nobody is told of', (lines) => {
  expect(reviewRule(...lines)).toEqual(['exempt.0: r: the exceptions leave nobody'])
})

test.each([
  { conditions: ['groups = ["wheel"]'], missing: 'networks' },
  { conditions: ['users = ["alice"]'], missing: 'networks' },
  { conditions: ['networks = ["::1"]'], missing: 'users' },
  { conditions: [`keys = ["${FINGERPRINT}"]`], missing: 'users or networks' },
])('an emergency rule that names only $conditions is told of', ({ conditions, missing }) => {
  const warning = `exempt.0.emergency: r: an emergency rule without ${missing}`
  expect(reviewRule(...conditions, 'emergency = true')).toEqual([warning])
})

test('an emergency rule that names people and addresses is fine', () => {
  const networks = 'networks = ["::1"]'
  expect(reviewRule('users = ["alice"]', networks, 'emergency = true')).toEqual([])
  expect(reviewRule('groups = ["wheel"]', networks, 'emergency = true')).toEqual([])
})

test('the rule is named by its place in the file', () => {
  const rules = ['alice', 'bob'].map(
    (user) => `[[exempt]]\nname = "${user}"\nusers = ["${user}"]\n`,
  )
  expect(review(rules.join(''))).toEqual(['exempt.1.users: bob: there is no user bob'])
})

test('doors that stand open are told of', () => {
  expect(review('[policy]\nunenrolled = "allow"\ncode_alone = ["sshd", "kiosk"]')).toEqual([
    'policy.unenrolled: people otpgate has never known get in without a code',
    'policy.code_alone: in sshd a code may be the only factor of an SSH login',
    'policy.code_alone: in kiosk a code may be the only factor of an SSH login',
    'policy.code_alone: there is no PAM service kiosk',
  ])
})

test.each([
  { devices: 1, window: 4, count: undefined },
  { devices: 3, window: 1, count: undefined },
  { devices: 2, window: 4, count: 18 },
  { devices: 4, window: 1, count: 12 },
])('$devices devices with the window $window: $count codes are too many', async (row) => {
  const devices = Array.from({ length: row.devices }, (_, index) =>
    buildDevice({ label: `d${index}` }),
  )
  const state: AccountState = buildKnown({ devices })
  const summary = { account: state.account, devices, recoveryCodesLeft: 0 }
  const register = {
    ...createTestPorts().register,
    find: async () => state,
    page: async (after: string | undefined) => (after === undefined ? [summary] : []),
  }
  const warnings = await reviewDevices(register, buildPolicy({}, { window: row.window }))
  expect(outline(warnings)).toEqual(
    row.count === undefined
      ? []
      : [
          `totp.window: alice has ${row.devices} devices that accept ${row.count} codes in one attempt`,
        ],
  )
})
