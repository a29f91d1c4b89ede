import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeOnHost, edit } from './ailment.ts'

describeOnHost('otpgate doctor', (host) => {
  test('finds nothing on a host where all is well, and ends with 0', async () => {
    const { status, report } = await host().examine()
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([])
    const { problems, warnings, notes } = report
    expect({ status, problems, warnings, notes }).toEqual({
      status: 0,
      problems: 0,
      warnings: 0,
      notes: 0,
    })
    const idle = report.checks.filter(({ verdict }) => verdict !== 'ok')
    expect(idle.map(({ check }) => check)).toEqual([
      'set-up for SSH',
      'root over SSH',
      'daemon',
      'notices',
      'clock by the codes',
      'open files of sshd',
    ])
  })

  test.each([
    { name: 'otpgate-lean', config: '00-otpgate.conf' },
    { name: 'otpgate-password-then-code', config: '00-otpgate-password-then-code.conf' },
    { name: 'otpgate-password-and-code', config: '00-otpgate-password-and-code.conf' },
    { name: 'otpgate-group-first', config: '00-otpgate-group-first.conf' },
  ])('finds nothing wrong with the shipped $name', async ({ name, config }) => {
    host().useRecipe(name, config)
    expect(await host().complaints()).toEqual([])
  })

  test.each([
    'sudo',
    'sudo-i',
    'su',
    'su-l',
  ])('finds nothing wrong with the shipped %s', async (name) => {
    expect(await host().complaints('--service', name)).toEqual([])
  })

  test.each([
    '10-otpgate-break-glass.conf',
    '10-otpgate-robot.conf',
    '10-otpgate-root.conf',
    '50-otpgate-jump.conf',
  ])('finds no more than something to note in the shipped %s', async (name) => {
    await host().enrollRoot()
    host().useDropIn(name)
    const { status, report } = await host().examine('--strict')
    const { problems, warnings } = report
    expect({ status, problems, warnings }).toEqual({ status: 0, problems: 0, warnings: 0 })
  })

  test('ends with 0 for a warning, and with 9 where it has to be strict', async () => {
    rmSync(host().places.logSocket)
    expect((await host().examine()).status).toBe(0)
    expect((await host().examine('--strict')).status).toBe(9)
  })

  test('is strict about no note', async () => {
    const block = 'PermitRootLogin no\nMatch User robot\nAuthenticationMethods publickey\n'
    edit(host().places.sshdConfig, 'PermitRootLogin no\n', block)
    const { status, report } = await host().examine('--strict')
    expect({ status, notes: report.notes }).toEqual({ status: 0, notes: 1 })
  })
})
