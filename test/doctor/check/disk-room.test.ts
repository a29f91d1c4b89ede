import { describe, expect, test } from 'vitest'
import { diskRoomCheck } from '../../../src/doctor/check/disk-room.ts'
import type { DiskRoom } from '../../../src/doctor/facts.ts'
import { buildFacts } from '../facts-fixture.ts'

const MEGABYTE = 1024 * 1024

const severitiesOf = (disk: DiskRoom) => {
  const diagnosis = diskRoomCheck.judge(buildFacts({ disk }))
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
    expect(diskRoomCheck.judge(buildFacts({ disk: undefined })).kind).toBe('not-applicable')
  })
})
