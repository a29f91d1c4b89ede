import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findOwnProcess } from '../../../src/host/process-mark.ts'
import { retireAfterEnd } from '../../../src/setup/ssh/end-setup.ts'
import { writeJournal } from '../../../src/setup/ssh/journal-file.ts'
import type { SetupPlaces } from '../../../src/setup/ssh/places.ts'
import { retireWatcher, startWatcher } from '../../../src/setup/ssh/watcher.ts'
import { findWatcher, markWatcher } from '../../../src/setup/ssh/watcher-mark.ts'
import { NOW } from '../../support/account-fixture.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { buildJournal, placesIn } from './setup-sample.ts'

const UNIT = 'otpgate-setup.service'

describe('the watcher of a set-up', () => {
  const scratch = useScratchDirectory()

  /** systemd, played by a program that writes down what it is told, and starts nobody or this test. */
  function layHost(systemctl = ''): SetupPlaces {
    const places = {
      ...placesIn(scratch),
      systemdMark: scratch('systemd'),
      otpgate: '/opt/a "b"%$/otpgate',
    }
    for (const name of ['systemd', 'unit']) mkdirSync(scratch(name))
    mkdirSync(places.stateDirectory, { mode: 0o700 })
    const { pid, startTicks } = findOwnProcess()
    const start = `umask 077; echo '${pid} ${startTicks}' >${scratch('state/watcher')}`
    writeFileSync(
      places.systemctl,
      `#!/bin/sh\necho "$@" >>${scratch('told')}\ncase $1 in restart) ${systemctl || start} ;; esac\n`,
      { mode: 0o755 },
    )
    return places
  }
  const told = () => readFileSync(scratch('told'), 'utf8').trim().split('\n')

  test('is a unit that also starts at boot, where systemd runs', async () => {
    const places = layHost()
    expect(await startWatcher(places, '/etc/otpgate/otpgate.toml')).toEqual({ kind: 'unit' })
    expect(told()).toEqual(['daemon-reload', `enable ${UNIT}`, `restart ${UNIT}`])
    const text = readFileSync(scratch('unit', UNIT), 'utf8')
    expect(text).toContain('WantedBy=multi-user.target')
    expect(text).toContain(
      'ExecStart="/opt/a \\"b\\"%%$$/otpgate" "--config" "/etc/otpgate/otpgate.toml" "setup" "watch"\n',
    )
  })

  test('is none as long as nobody says that they watch', async () => {
    const places = layHost('exit 3')
    markWatcher(places, findOwnProcess())
    await expect(startWatcher(places, '/x')).rejects.toMatchObject({ code: 'ERR_SETUP_FAILED' })
    expect(findWatcher(places)).toBeUndefined()
  })

  test('is none any more once its process has ended', () => {
    const places = layHost()
    const own = findOwnProcess()
    markWatcher(places, own)
    expect(findWatcher(places)).toEqual(own)
    markWatcher(places, { ...own, startTicks: own.startTicks - 1 })
    expect(findWatcher(places)).toBeUndefined()
  })

  test('leaves nothing of its unit behind, also when it is taken away twice', async () => {
    const places = layHost()
    await startWatcher(places, '/x')
    retireWatcher(places)
    retireWatcher(places)
    expect(told().slice(3)).toEqual([`disable ${UNIT}`, 'daemon-reload'])
    expect(readdirSync(scratch('unit'))).toEqual([])
  })

  test('is not taken away by one that has ended, where another set-up has begun', async () => {
    const places = layHost()
    await startWatcher(places, '/x')
    writeJournal(places, buildJournal({ phase: 'installing' }))
    await retireAfterEnd(places)
    expect(existsSync(scratch('unit', UNIT))).toBe(true)
    writeJournal(places, buildJournal({ phase: 'reverted', because: 'asked', endedAt: NOW }))
    await retireAfterEnd(places)
    expect(existsSync(scratch('unit', UNIT))).toBe(false)
  })
})
