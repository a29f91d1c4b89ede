import { plural } from '../../base/text.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { listNames } from '../name-list.ts'

/** What a change of the master key has left: itself undone, or keys that nobody needs here. */
export const keyChangeCheck: Check = { name: 'key change', judge }

function judge({ keyNeighbours, config }: DoctorFacts): Diagnosis {
  if (keyNeighbours === undefined || config instanceof Error) {
    return notApplicable('the configuration cannot be read')
  }
  const { next, old } = keyNeighbours
  return examined(
    ...(next === undefined ? [] : [unfinished(next)]),
    ...(old.length === 0 ? [] : [leftBehind(old, config.store.keyFile)]),
  )
}

function unfinished(next: string): Finding {
  return {
    severity: 'warning',
    what: `a change of the master key has not ended: ${next} is still there`,
    why: 'secrets may need both keys until then, and so does every backup made meanwhile',
    fix: 'otpgate key rotate  # goes on with it; safe to repeat',
  }
}

function leftBehind(old: readonly string[], keyFile: string): Finding {
  return {
    severity: 'warning',
    what: `${plural(old.length, 'old master key')} beside the one in use: ${listNames(old)}`,
    why: 'whoever gets such a key and an old backup makes codes; nothing on this host needs it',
    fix: `mv ${keyFile}.old-* DIRECTORY  # where the backups from before the change have their key`,
  }
}
