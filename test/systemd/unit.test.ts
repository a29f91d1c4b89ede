import { describe, expect, test } from 'vitest'
import { canRunWith } from '../support/host-requirement.ts'
import { runTool } from '../support/run-tool.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { makeUnitTree, readUnit, shippedUnits, valuesOf } from './unit-tree.ts'

const HIGHEST_EXPOSURE = 1.5
const SERVICES = ['otpgated.service', 'otpgate-maintain.service']
/** It talks to the world: a network is what this one has more. */
const HIGHEST_EXPOSURE_OF_NOTIFY = 2.3
const canRun = canRunWith('tests of the units', ['systemd-analyze', 'systemd-sysusers'])

describe.skipIf(!canRun)('the units', () => {
  const path = useScratchDirectory()

  test('are five, and systemd has nothing to say about any', () => {
    const units = shippedUnits()
    expect(units).toHaveLength(5)
    expect(makeUnitTree(path).verify(units)).toEqual({ status: 0, said: '' })
  })

  test.each([
    ['a key that is misspelt', 'UMask=0077', 'UMsk=0077'],
    ['a value that is none', 'WatchdogSec=20', 'WatchdogSec=soon'],
    ['a system call group that does not exist', '@system-service', '@system-servant'],
    ['a program that is not there', '/usr/lib/otpgate/otpgated ', '/usr/lib/otpgate/otpgate-d '],
  ])('with %s would be noticed', (_, right, wrong) => {
    const tree = makeUnitTree(path)
    tree.replace('otpgated.service', readUnit('otpgated.service').replace(right, wrong))
    expect(tree.verify(['otpgated.service']).said).not.toBe('')
  })

  test.each(SERVICES)('leave %s little that it could do', (service) => {
    const exposure = makeUnitTree(path).exposureOf(service)
    process.stdout.write(`exposure of ${service}: ${exposure}\n`)
    expect(exposure).toBeLessThanOrEqual(HIGHEST_EXPOSURE)
  })

  test('leave otpgate-notify.service the network, and no way to the key', () => {
    const exposure = makeUnitTree(path).exposureOf('otpgate-notify.service')
    process.stdout.write(`exposure of otpgate-notify.service: ${exposure}\n`)
    expect(exposure).toBeLessThanOrEqual(HIGHEST_EXPOSURE_OF_NOTIFY)
    expect(exposure).toBeGreaterThan(0)
    const unit = readUnit('otpgate-notify.service')
    expect(valuesOf(unit, 'InaccessiblePaths')).toEqual(['-/etc/otpgate/master.key'])
  })

  test('would show their exposure without the hardening', () => {
    const tree = makeUnitTree(path)
    const text = readUnit('otpgated.service')
    tree.replace('otpgated.service', text.replaceAll(/^(?:Protect|Private|Restrict).*\n/gm, ''))
    expect(tree.exposureOf('otpgated.service')).toBeGreaterThan(HIGHEST_EXPOSURE)
  })

  test('name a user whom systemd-sysusers makes without home and shell', () => {
    expect(valuesOf(readUnit('otpgated.service'), 'User')).toEqual(['otpgate'])
    expect(makeUser(path('root'))).toMatch(/^otpgate:x:\d+:\d+:otpgate daemon:\/:\S*\/nologin$/m)
  })
})

/** The passwd file of an empty root directory in which our line of sysusers.d is carried out. */
function makeUser(root: string): string {
  const input = readUnit('otpgate.sysusers')
  const args = ['-p', root, `${root}/usr/lib/sysusers.d`, `${root}/etc`]
  runTool('mkdir', args)
  const { status, stderr } = runTool('systemd-sysusers', [`--root=${root}`, '-'], input)
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return runTool('cat', [`${root}/etc/passwd`]).stdout
}
