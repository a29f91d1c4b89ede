import { Command } from 'commander'
import type { Backlog } from '../../app/count-untold.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { renderBytes } from '../../render/bytes.ts'
import { renderRelativeTime } from '../../render/duration.ts'
import { optionalTime } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { type Overview, takeOverview } from '../overview.ts'
import { printJson } from '../report.ts'
import { type SocketOptions, socketOption } from '../socket-option.ts'
import { VERSION } from '../version.ts'

/** So many ending terms are shown by name: all of it has to fit on one screen. */
const NAMED_AT_MOST = 5
const LABEL_WIDTH = 16

type StatusOptions = CommonOptions & SocketOptions

/** Where things lie, and where the daemon would listen. */
interface Places {
  readonly database: string
  readonly socket: string
}

/** A line of the screen, or several below each other. */
interface Line {
  readonly label: string
  readonly texts: readonly string[]
}

/** `otpgate status` */
export function statusCommand(cli: Cli): Command {
  return new Command('status')
    .description('how this host is, on one screen: people, logins, daemon, database')
    .addOption(socketOption())
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<StatusOptions>()
      await withSession(cli, options, (session) => showStatus(cli, session, options))
    })
}

async function showStatus(
  cli: Cli,
  session: Session,
  { json, socket }: StatusOptions,
): Promise<void> {
  const places = { database: session.config.store.path, socket }
  const overview = await takeOverview(session, socket)
  if (json) return printJson(cli, toView(overview, places))
  const lines = [...peopleLines(overview), ...hostLines(overview, places)]
  cli.print(lines.map(renderLine).join(''))
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(overview: Overview, { database, socket }: Places) {
  const { accounts, logins, daemon, databaseBytes, schema, maintainedAt, backlog } = overview
  const { statuses, waiting, locked, fewRecoveryCodes, endingSoon } = accounts
  return {
    version: VERSION,
    at: formatTime(overview.at),
    users: statuses,
    waiting,
    locked,
    few_recovery_codes: fewRecoveryCodes,
    ending_soon: endingSoon.map(({ name, kind, until }) => ({
      user: name,
      status: kind,
      until: formatTime(until),
    })),
    logins_last_day: logins,
    daemon: { socket, state: daemon },
    database: { path: database, bytes: databaseBytes, schema },
    key: { file: overview.keyPath, id: overview.keyId },
    maintained_at: optionalTime(maintainedAt),
    notify: backlog === undefined ? null : toBacklogView(backlog),
  }
}

function toBacklogView(backlog: Backlog | 'damaged') {
  if (backlog === 'damaged') {
    return { untold: null, failing_since: null, retry_at: null, given_up: null, damaged: true }
  }
  const { events, failing, givenUp } = backlog
  return {
    untold: events,
    failing_since: optionalTime(failing?.since),
    retry_at: optionalTime(failing?.retryAt),
    given_up: givenUp,
    damaged: false,
  }
}

function peopleLines({ accounts, logins, at }: Overview): readonly Line[] {
  const { statuses, waiting, locked, fewRecoveryCodes, endingSoon } = accounts
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0)
  const named = endingSoon
    .slice(0, NAMED_AT_MOST)
    .map(({ name, kind, until }) => `${toPrintable(name)}: ${kind}, ${untilWords(until, at)}`)
  const more = endingSoon.length - named.length
  const ends = more > 0 ? [...named, `and ${more} more`] : named
  return [
    { label: 'users', texts: [all === 0 ? '0' : `${all}: ${countWords(statuses)}`] },
    { label: 'locked', texts: [`${locked} locked, ${waiting} waiting`] },
    { label: 'recovery codes', texts: [`few left: ${plural(fewRecoveryCodes, 'user')}`] },
    { label: 'ending soon', texts: ends.length === 0 ? ['none'] : ends },
    { label: 'logins, 24 h', texts: [countWords(logins) || 'none'] },
  ]
}

function hostLines(
  { at, daemon, databaseBytes, schema, keyId, keyPath, maintainedAt, backlog }: Overview,
  { database, socket }: Places,
): readonly Line[] {
  const size = `${renderBytes(databaseBytes)}, schema ${schema}`
  const done = maintainedAt === undefined ? 'never done' : renderRelativeTime(maintainedAt, at)
  const states = {
    answers: 'answers on',
    silent: 'does not answer on',
    absent: 'none; no socket at',
  }
  return [
    { label: 'daemon', texts: [`${states[daemon]} ${toPrintable(socket)}`] },
    { label: 'database', texts: [`${toPrintable(database)}, ${size}`] },
    { label: 'key', texts: [`${keyId} in ${toPrintable(keyPath)}`] },
    { label: 'maintenance', texts: [done] },
    ...(backlog === undefined ? [] : [{ label: 'notify', texts: [backlogWords(backlog, at)] }]),
  ]
}

function backlogWords(backlog: Backlog | 'damaged', now: Overview['at']): string {
  if (backlog === 'damaged') return 'its note is damaged; begin anew: otpgate notify --from-now'
  const { events, failing, givenUp } = backlog
  const untold = events === 0 ? 'all told' : `${plural(events, 'event')} not told yet`
  const fails =
    failing === undefined ? [] : [`fails since ${renderRelativeTime(failing.since, now)}`]
  const lost = givenUp === 0 ? [] : [`${plural(givenUp, 'event')} given up`]
  return [untold, ...fails, ...lost].join(', ')
}

/** `24 enrolled, 3 invited`: what there is none of is left out. */
function countWords(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0)
  return some.map(([word, count]) => `${count} ${word}`).join(', ')
}

function untilWords(until: Overview['at'], now: Overview['at']): string {
  return `ends ${renderRelativeTime(until, now)}`
}

function renderLine({ label, texts }: Line): string {
  return texts
    .map((text, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${text}\n`)
    .join('')
}
