import { expect, test } from 'vitest'
import type { Telling } from '../../../src/domain/telling.ts'
import { loadConfig } from '../../../src/wire.ts'
import { openOutbox } from '../../../src/wire-notify.ts'
import { NOW } from '../../support/account-fixture.ts'
import { describeOnHost, edit } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const LIMIT = { busyMilliseconds: 5000, beforeCommit: () => {} }

describeOnHost('the check of notices', (host) => {
  const setCommand = ({ configFile }: SickHost) =>
    edit(configFile, '[store]', '[notify]\ncommand = ["/bin/true"]\n[store]')
  const run = ({ write }: SickHost) =>
    write('systemctl', '#!/bin/sh\necho ActiveState=active\necho StatusText=\n', 0o755)
  const tell = async ({ configFile }: SickHost, telling: Telling) => {
    const outbox = openOutbox(loadConfig(configFile), LIMIT)
    await outbox.save(telling)
    outbox.close()
  }
  const says = async () => {
    const { report } = await host().examine()
    const findings = report.checks.flatMap((each) => each.findings)
    return findings.map(({ severity, what }) => `${severity}: ${what}`).join('\n')
  }

  test('finds that nobody runs the command, and is content once its unit does', async () => {
    setCommand(host())
    expect(await says()).toMatch(/^warning: there is a \[notify\] command, and \S+ does not run$/)
    run(host())
    expect(await host().complaints()).toEqual([])
  })

  test('only notes that the unit does not run where all was told by something else', async () => {
    setCommand(host())
    await tell(host(), { through: 0, givenUp: 0 })
    expect(await says()).toMatch(/^note: there is a \[notify\] command/)
  })

  test('finds a command that fails, and is content once it does not', async () => {
    setCommand(host())
    run(host())
    const failing = { tries: 3, since: NOW, retryAt: NOW, isPassed: false }
    const waiting = [{ kind: 'event', seq: 1, from: 1, ...failing } as const]
    await tell(host(), { through: 1, waiting, givenUp: 0 })
    expect(await says()).toMatch(
      /^warning: \d events? not told: the \[notify\] command fails since 20\S+Z$/,
    )
    await tell(host(), { through: 1, givenUp: 0 })
    expect(await host().complaints()).toEqual([])
  })

  test('notes what was given up', async () => {
    setCommand(host())
    run(host())
    await tell(host(), { through: 1, givenUp: 2 })
    expect(await says()).toMatch(/^note: 2 events given up so far/)
  })
})
