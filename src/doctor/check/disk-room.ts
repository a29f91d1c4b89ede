import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'

const LOW_BYTES = 100 * 1024 * 1024
const EMPTY_BYTES = 4 * 1024 * 1024
const LOW_INODES = 100
const BYTES_PER_MEGABYTE = 1024 * 1024

/** Room for the database to grow: a login that cannot be recorded is denied. */
export const diskRoomCheck: Check = { name: 'disk space', judge }

function judge({ disk, config }: DoctorFacts): Diagnosis {
  if (disk === undefined || config instanceof Error) {
    return notApplicable('the file system of the database cannot be asked')
  }
  const { freeBytes, freeInodes } = disk
  const megabytes = `${Math.floor(freeBytes / BYTES_PER_MEGABYTE)} MB`
  const findings: readonly (Finding | undefined)[] = [
    freeBytes < LOW_BYTES
      ? lowFinding(megabytes, freeBytes < EMPTY_BYTES, config.store.path)
      : undefined,
    freeInodes !== undefined && freeInodes < LOW_INODES
      ? lowFinding(`${freeInodes} inodes`, true, config.store.path)
      : undefined,
  ]
  return examined(...findings.filter((finding) => finding !== undefined))
}

function lowFinding(left: string, isUrgent: boolean, path: string): Finding {
  return {
    severity: isUrgent ? 'problem' : 'warning',
    what: `${left} are left on the file system of the database`,
    why: 'on a full disk no login can be recorded, and none is let in',
    fix: `df -h ${path}; df -i ${path}`,
  }
}
