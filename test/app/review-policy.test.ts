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
const ports = { passwd, hasPamService: (name: string) => name === 'sshd' }

const outline = (warnings: readonly PolicyWarning[]) =>
  warnings.map(({ path, message }) => `${path.join('.')}: ${message}`)
const review = (toml: string) => outline(reviewPolicy(ports, verifyPolicy(parseConfig(toml, 'x'))))
const reviewRule = (...lines: string[]) => review(`[[exempt]]\nname = "r"\n${lines.join('\n')}\n`)

test('a policy that fits the host has no warnings', () => {
  expect(review('')).toEqual([])
  const users = ['users = ["alice"]', 'groups = ["wheel"]', 'services = ["sshd"]']
  expect(reviewRule(...users)).toEqual([])
  expect(reviewRule('networks = ["::/0"]', 'except_groups = ["wheel"]')).toEqual([])
})

test.each([
  ['users = ["bob"]', 'users: r: there is no user bob'],
  ['users = ["Alice"]', 'users: r: the user Alice is called alice here'],
  ['groups = ["whell"]', 'groups: r: there is no group whell'],
  ['services = ["kiosk"]', 'services: r: there is no PAM service kiosk'],
])('a rule for what is not there is told of: %s', (line, warning) => {
  expect(reviewRule(line)).toEqual([`exempt.0.${warning}`])
})

test.each([
  ['except_users = ["bob"]', 'except_users: r: there is no user bob'],
  ['except_groups = ["whell"]', 'except_groups: r: there is no group whell'],
])('so is an exception that is not there: %s', (line, warning) => {
  expect(reviewRule('networks = ["::1"]', line)).toEqual([`exempt.0.${warning}`])
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

test('an emergency rule that neither names people nor addresses is told of', () => {
  const warning = 'exempt.0.emergency: r: an emergency rule without users or networks'
  expect(reviewRule('groups = ["wheel"]', 'emergency = true')).toEqual([warning])
  expect(reviewRule('users = ["alice"]', 'emergency = true')).toEqual([])
  expect(reviewRule('networks = ["::1"]', 'emergency = true')).toEqual([])
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
