import type { RestoreFinding } from '../app/compare-backup.ts'
import { toPrintable } from '../base/text.ts'
import { formatTime } from '../base/time.ts'
import type { Override } from '../domain/override.ts'

/** One finding in words, and what to type after the restore; `undefined`: nothing helps but to know. */
export interface FindingWords {
  readonly line: string
  readonly command: string | undefined
  /** A device's label, an override, how many codes: for programs. */
  readonly detail: string
}

/** What a finding means to an admin. */
export function wordFinding(finding: RestoreFinding): FindingWords {
  const { line, detail = '', commands = [] } = describe(finding)
  return { line, detail, command: toCommands(commands, finding.user) }
}

interface Description {
  readonly line: string
  readonly detail?: string
  readonly commands?: readonly CommandWords[]
}

/** `otpgate VERB OPTIONS USER REST` */
interface CommandWords {
  readonly verb: string
  readonly options?: readonly string[]
  readonly rest?: readonly string[]
}

function describe(finding: RestoreFinding): Description {
  switch (finding.kind) {
    case 'codes-back':
      return {
        line: `recovery codes that may have been used or replaced since work again: ${finding.count}`,
        detail: String(finding.count),
        commands: [{ verb: 'recovery new' }],
      }
    case 'bypass-gone':
      return {
        line: `bypass codes that may have been revoked since stay away: ${finding.count}`,
        detail: String(finding.count),
        commands: [{ verb: 'bypass', options: ['--for', '4h'] }],
      }
    case 'invitation-gone':
      return {
        line: 'the code of an invitation, which may have been revoked since, stays away',
        detail: String(finding.count),
        commands: [{ verb: 'invite', options: ['--for', '7d', '--with-code'] }],
      }
    case 'override-back':
    case 'excuse-back':
      return describeOverride(finding)
    case 'account-back':
      return { line: 'removed since, and comes back', commands: [{ verb: 'remove' }] }
    case 'account-gone':
      return { line: 'not in the backup, and goes', commands: [{ verb: 'enroll' }] }
    case 'uid-differs': {
      const detail = `uid ${finding.uid}, now uid ${finding.uidNow}`
      return { line: `${detail}: every login is denied`, detail, commands: [{ verb: 'rebind' }] }
    }
    case 'orphaned':
      return { line: 'no such user on this host' }
    default:
      return describeDevice(finding)
  }
}

type DeviceFinding = Extract<RestoreFinding, { readonly device: string }>
type OverrideFinding = Extract<RestoreFinding, { readonly saved: unknown }>

function describeDevice({ kind, device: detail }: DeviceFinding): Description {
  const what = `"${toPrintable(detail)}"`
  switch (kind) {
    case 'device-back':
      return {
        line: `the device ${what}, which is gone now, works again`,
        detail,
        commands: [{ verb: 'device remove', rest: [detail] }],
      }
    case 'device-gone':
      return {
        line: `the device ${what} is not in the backup, and goes`,
        detail,
        commands: [{ verb: 'device add' }],
      }
    case 'counter-back':
      return {
        line: `codes of the token ${what} that were used since work again`,
        detail,
        commands: [{ verb: 'device resync', rest: [detail] }],
      }
  }
}

function describeOverride(finding: OverrideFinding): Description {
  if (finding.kind === 'excuse-back') {
    const detail = nameOverride(finding.saved)
    const line = `${detail} in the backup, and nobody knows whether that still holds`
    return { line, detail, commands: liftCommands(finding.saved) }
  }
  const { present, saved } = finding
  const detail = `${nameOverride(present)} now, ${nameOverride(saved)} in the backup`
  const lift = saved?.kind === 'suspended' || present === undefined ? liftCommands(saved) : []
  return { line: detail, detail, commands: [...lift, ...(present ? [setCommand(present)] : [])] }
}

function nameOverride(override: Override | undefined): string {
  if (override === undefined) return 'nothing'
  return 'until' in override
    ? `${override.kind} until ${formatTime(override.until)}`
    : override.kind
}

/** What makes a decision once more. */
function setCommand(override: Override): CommandWords {
  switch (override.kind) {
    case 'suspended':
      return { verb: 'suspend' }
    case 'must-enroll':
      return { verb: 'reset' }
    case 'invited':
      return { verb: 'invite', options: ['--until', formatTime(override.until)] }
    case 'waived': {
      const reason = override.reason ?? ''
      const why = isTypeable(reason) && reason !== '' ? reason : 'as before a restore'
      return { verb: 'waive', options: ['--until', formatTime(override.until), '--reason', why] }
    }
  }
}

/** What ends a decision that the backup brings back. */
function liftCommands(override: Override | undefined): readonly CommandWords[] {
  switch (override?.kind) {
    case 'waived':
      return [{ verb: 'waive', options: ['--clear'] }]
    case 'suspended':
      return [{ verb: 'resume' }]
    case 'invited':
      // Nothing else takes an invitation back: what stood before a suspension is not kept.
      return [{ verb: 'suspend' }, { verb: 'resume' }]
    default:
      return [{ verb: 'show' }]
  }
}

/** As a shell reads it; `undefined` where a name cannot be typed, or would not be what it seems. */
function toCommands(commands: readonly CommandWords[], user: string): string | undefined {
  const words = commands.flatMap(({ rest = [], options = [] }) => [user, ...rest, ...options])
  if (commands.length === 0 || !words.every(isTypeable)) return undefined
  return commands.map((command) => toCommand(command, user)).join(' && ')
}

function toCommand({ verb, options = [], rest = [] }: CommandWords, user: string): string {
  const operands = [user, ...rest]
  const end = operands.some((word) => word.startsWith('-')) ? ['--'] : []
  return ['otpgate', verb, ...options.map(quote), ...end, ...operands.map(quote)].join(' ')
}

function isTypeable(word: string): boolean {
  return /^[ -~]*$/.test(word)
}

/** Several in one line for a summary: `3 orphaned, 2 codes-back`. */
export function countKinds(findings: readonly RestoreFinding[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

function quote(text: string): string {
  return /^[\w.@+:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
