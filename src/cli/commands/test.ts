import { Command } from 'commander'
import { type Check, explainLogin, type LoginProspect } from '../../app/explain-login.ts'
import { gatherFacts, type LoginRequest } from '../../app/gather-facts.ts'
import { AppError } from '../../base/errors.ts'
import { parseIpAddress } from '../../base/ip-network.ts'
import { toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { type Answer, parseAnswer } from '../../domain/answer.ts'
import type { Decision } from '../../domain/decision.ts'
import { type FirstFactor, parseFirstFactor } from '../../domain/first-factor.ts'
import { readPublicKey } from '../../host/public-key.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { printTable } from '../print-table.ts'
import { printJson } from '../report.ts'

interface TestOptions extends CommonOptions {
  readonly from?: string
  readonly service: string
  readonly key?: string
}

/** `otpgate test USER` */
export function testCommand(cli: Cli): Command {
  return new Command('test')
    .description('what a login would come to, and why; charges, records and uses up nothing')
    .argument('<user>')
    .option('--from <address>', 'as if over SSH from this IP address')
    .option('--service <name>', 'PAM service; without --from or --key only sshd is SSH', 'sshd')
    .option('--key <file>', 'as if over SSH with this public key as the first factor')
    .addHelpText(
      'after',
      '\nThe code to judge is asked for, or read from stdin; without one only excuses are judged.',
    )
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<TestOptions>()
      await withSession(cli, options, (session) => test(cli, session, user, options))
    })
}

async function test(cli: Cli, session: Session, user: string, options: TestOptions): Promise<void> {
  const facts = gatherFacts(session.ports.passwd, session.policy, toRequest(user, options))
  if (facts === undefined) {
    throw new AppError('ERR_USER_UNKNOWN', `no such user: ${toPrintable(user)}`, {
      hint: 'sshd refuses such a login whatever is typed',
    })
  }
  const answer = await readAnswer(cli)
  const { checks, prospect } = await explainLogin(session.ports, session.policy, facts, answer)
  const { isFine, line, fields } = toVerdict(prospect)
  if (!isFine) cli.setStatus(EXIT.refused)
  if (options.json) return printJson(cli, toView(facts.name, checks, fields))
  printChecks(cli, checks)
  cli.print(`\n${toPrintable(facts.name)} ${line}\n`)
}

/** An SSH login comes as sshd would bring it, its first factor proven by the key, or by some key. */
function toRequest(user: string, { from, service, key }: TestOptions): LoginRequest {
  if (from !== undefined && parseIpAddress(from) === undefined) {
    throw new AppError('ERR_USAGE', '--from is not an IP address', {
      hint: 'names are never resolved',
    })
  }
  // An address or a key is nothing that another login has, whatever its service is called.
  const isSsh = service === 'sshd' || from !== undefined || key !== undefined
  return {
    user,
    service,
    tty: isSsh ? 'ssh' : undefined,
    remoteHost: from,
    sshConnection: undefined,
    firstFactor: isSsh ? readFirstFactor(key) : undefined,
  }
}

function readFirstFactor(keyFile: string | undefined): FirstFactor | undefined {
  const key = keyFile === undefined ? '' : readPublicKey(keyFile)
  return parseFirstFactor(`publickey ${key}`.trim())
}

/** Judged by its form as at a login, where an answer that is too long has lost its end. */
async function readAnswer(cli: Cli): Promise<Answer | undefined> {
  const line = await cli.prompter.readSecretLine('Code to judge (Enter for none): ')
  return line === undefined || line.trim() === '' ? undefined : parseAnswer(Buffer.from(line))
}

function printChecks(cli: Cli, checks: readonly Check[]): void {
  const rows = checks.map(({ name, finding, isGood }) => [isGood ? 'ok' : 'NO', name, finding])
  printTable(cli, ['', 'check', 'finding'], rows)
}

/** What it comes to: for the exit status, for people, for `--json`. */
interface Verdict {
  readonly isFine: boolean
  readonly line: string
  readonly fields: Readonly<Record<string, string | number | undefined>>
}

function toVerdict(prospect: LoginProspect): Verdict {
  if (prospect.kind === 'judged') return judgedVerdict(prospect.decision)
  const { isFine } = prospect
  const line = `would be asked for a code${isFine ? '.' : ', but something stands in the way: see NO above.'}`
  return { isFine, line, fields: { outcome: 'asked' } }
}

function judgedVerdict(decision: Decision): Verdict {
  const { outcome } = decision
  switch (decision.outcome) {
    case 'accepted': {
      const { method, device, recoveryCodesLeft } = decision
      const whose = device === undefined ? '' : ` of "${toPrintable(device)}"`
      const line = `would get in: a right ${method} code${whose}. It was not used up.`
      const fields = { outcome, method, device, recovery_codes_left: recoveryCodesLeft }
      return { isFine: true, line, fields }
    }
    case 'excused': {
      const { rule } = decision
      const line = `would get in without a code: ${rule}.`
      return { isFine: true, line, fields: { outcome, rule } }
    }
    case 'denied': {
      const { reason, until } = decision
      const line = `would be denied: ${reason}.`
      return { isFine: false, line, fields: { outcome, reason, until: until && formatTime(until) } }
    }
  }
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(user: string, checks: readonly Check[], decision: Verdict['fields']) {
  return {
    user,
    checks: checks.map(({ name, finding, isGood }) => ({ name, finding, ok: isGood })),
    decision,
  }
}
