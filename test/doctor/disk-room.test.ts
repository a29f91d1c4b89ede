import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import { diskRoomCheck } from '../../src/doctor/check/disk-room.ts'
import type { DiskRoom, DoctorFacts } from '../../src/doctor/facts.ts'
import { NOW } from '../support/account-fixture.ts'

const MEGABYTE = 1024 * 1024
const UNUSED = { kind: 'absent' } as const

/** A host of which nothing but its disk is known. */
function factsWith(disk: DiskRoom | undefined): DoctorFacts {
  return {
    now: NOW,
    places: {
      sshd: '',
      sshdConfig: '',
      pamDirectories: [],
      programRoot: '',
      getent: '',
      logSocket: '',
      timedatectl: '',
    },
    login: { user: 'nobody', address: '192.0.2.1', service: 'sshd' },
    config: parseConfig('', 'otpgate.toml'),
    store: { kind: 'open', accounts: [], rootDevices: [] },
    sshd: UNUSED,
    sshdForRoot: UNUSED,
    sshdLines: [],
    pamFiles: [],
    verifierPaths: [],
    verifierFlaws: new Map(),
    fileFlaws: [],
    changeable: [],
    people: [],
    disk,
    hasLogSocket: true,
    isClockSynchronized: true,
  }
}

const severitiesOf = (disk: DiskRoom) => {
  const diagnosis = diskRoomCheck.judge(factsWith(disk))
  return diagnosis.kind === 'examined' ? diagnosis.findings.map((each) => each.severity) : undefined
}

describe('the disk of the database', () => {
  test.each([
    { freeBytes: 100 * MEGABYTE, freeInodes: 100, severities: [] },
    { freeBytes: 100 * MEGABYTE - 1, freeInodes: 100, severities: ['warning'] },
    { freeBytes: 4 * MEGABYTE - 1, freeInodes: 100, severities: ['problem'] },
    { freeBytes: 100 * MEGABYTE, freeInodes: 99, severities: ['problem'] },
    { freeBytes: 100 * MEGABYTE, freeInodes: undefined, severities: [] },
  ])('with $freeBytes bytes and $freeInodes inodes free gives $severities', (disk) => {
    expect(severitiesOf(disk)).toEqual(disk.severities)
  })

  test('is not judged where it cannot be asked', () => {
    expect(diskRoomCheck.judge(factsWith(undefined)).kind).toBe('not-applicable')
  })
})
