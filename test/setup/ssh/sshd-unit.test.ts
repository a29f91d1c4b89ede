import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SshdService } from '../../../src/host/sshd-service.ts'
import { noteIntent } from '../../../src/setup/ssh/note-intent.ts'
import { bringSshdBack } from '../../../src/setup/ssh/take-effect.ts'
import { NOW } from '../../support/account-fixture.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { placesIn } from './setup-sample.ts'

describe('an sshd that has ended by the time of the way back', () => {
  const scratch = useScratchDirectory()

  /** sshd and systemd, played by programs that write down what they are told; nothing is active. */
  function layHost() {
    const places = { ...placesIn(scratch), sshd: scratch('sshd'), systemdMark: scratch('systemd') }
    mkdirSync(places.stateDirectory, { mode: 0o700 })
    mkdirSync(places.systemdMark)
    const note = (name: string) => `echo "${name} $*" >>${scratch('told')}`
    const play = (path: string, body: string) =>
      writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    play(places.sshd, `case $1 in -t) ;; -T) echo 'pidfile none' ;; *) ${note('sshd')} ;; esac`)
    play(scratch('systemd-run'), note('systemd-run'))
    play(places.systemctl, `case $* in *is-active*) exit 3 ;; *) ${note('systemctl')} ;; esac`)
    return places
  }

  const INTENT = {
    recipe: 'key+code',
    group: undefined,
    account: 'alice',
    configPath: '/x',
    timeoutSeconds: 300,
    files: [],
  } as const

  async function findTold(service: SshdService) {
    const places = layHost()
    const journal = noteIntent(places, INTENT, service, () => NOW)
    await bringSshdBack(places, journal, true)
    return readFileSync(scratch('told'), 'utf8').trim().split('\n')
  }

  test.each([
    { kind: 'unit', unit: 'ssh.service' },
    { kind: 'socket', unit: 'ssh.socket' },
  ] as const)('is started by its $kind', async (service) => {
    expect(await findTold(service)).toEqual([
      `systemctl reset-failed ${service.unit}`,
      `systemctl restart ${service.unit}`,
    ])
  })

  test('is started outside of the unit that does so, where it is of none', async () => {
    expect(await findTold({ kind: 'process', pid: 4711 })).toEqual([
      `systemd-run --scope --quiet ${scratch('sshd')} -f ${scratch('ssh/sshd_config')}`,
    ])
  })
})
