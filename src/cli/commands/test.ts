import { Command } from 'commander'
import { type Check, explainLogin } from '../../app/explain-login.ts'
import { gatherFacts, type LoginRequest } from '../../app/gather-facts.ts'
import { AppError } from '../../base/errors.ts'
import { parseIpAddress } from '../../base/ip-network.ts'
import { toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { type Answer, parseTypedCode } from '../../domain/answer.ts'
import { type Decision, isAdmitted } from '../../domain/decision.ts'
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
    .option('--from <address>', 'as if from this IP address')
    .option('--service <name>', 'PAM service', 'sshd')
    .option('--key <file>', 'as if this public key had proven the first factor')
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
  const facts = gatherFacts(session.ports.passwd, toRequest(user, options))
  if (facts === undefined) {
    throw new AppError('ERR_USER_UNKNOWN', `no such user: ${toPrintable(user)}`, {
      hint: 'sshd refuses such a login whatever is typed',
    })
  }
  const answer = await readAnswer(cli)
  const { checks, decision } = await explainLogin(session.ports, session.policy, facts, answer)
  const isAsked = answer === undefined && leadsToQuestion(decision)
  const isFine = isAsked ? checks.every(({ isGood }) => isGood) : isAdmitted(decision)
  if (!isFine) cli.setStatus(EXIT.refused)
  if (options.json)
    return printJson(cli, toView(facts.name, checks, isAsked ? { outcome: 'asked' } : decision))
  const verdict = isAsked ? describeQuestion(isFine) : describe(decision)
  printChecks(cli, checks)
  cli.print(`\n${toPrintable(facts.name)} ${verdict}\n`)
}

/** A login as sshd would bring it, its first factor proven by the key, or by some key. */
function toRequest(user: string, { from, service, key }: TestOptions): LoginRequest {
  if (from !== undefined && parseIpAddress(from) === undefined) {
    throw new AppError('ERR_USAGE', '--from is not an IP address', {
      hint: 'names are never resolved',
    })
  }
  const isSsh = service === 'sshd'
  return {
    user,
    service,
    tty: isSsh ? 'ssh' : undefined,
    remoteHost: from,
    sshConnection: undefined,
    authInfo: isSsh ? `publickey ${key === undefined ? '' : readPublicKey(key)}`.trim() : undefined,
  }
}

async function readAnswer(cli: Cli): Promise<Answer | undefined> {
  const line = await cli.prompter.readSecretLine('Code to judge (Enter for none): ')
  return line === undefined || line.trim() === '' ? undefined : parseTypedCode(line)
}

function printChecks(cli: Cli, checks: readonly Check[]): void {
  const rows = checks.map(({ name, finding, isGood }) => [isGood ? 'ok' : 'NO', name, finding])
  printTable(cli, ['', 'check', 'finding'], rows)
}

/** No excuse is no denial. Elsewhere than at sshd no first factor is there to be excused by. */
function leadsToQuestion(decision: Decision): boolean {
  if (decision.outcome !== 'denied') return false
  return decision.reason === 'not-excused' || decision.reason === 'first-factor-missing'
}

function describeQuestion(isFine: boolean): string {
  return isFine
    ? 'would be asked for a code.'
    : 'would be asked for a code, and none would be accepted: see NO above.'
}

function describe(decision: Decision): string {
  switch (decision.outcome) {
    case 'accepted': {
      const device = decision.device === undefined ? '' : ` of "${toPrintable(decision.device)}"`
      return `would get in: a right ${decision.method} code${device}. It was not used up.`
    }
    case 'excused':
      return `would get in without a code: ${decision.rule}.`
    case 'denied':
      return `would be denied: ${decision.reason}.`
  }
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(
  user: string,
  checks: readonly Check[],
  decision: Decision | { readonly outcome: 'asked' },
) {
  return {
    user,
    checks: checks.map(({ name, finding, isGood }) => ({ name, finding, ok: isGood })),
    decision: decisionView(decision),
  }
}

function decisionView(decision: Decision | { readonly outcome: 'asked' }) {
  switch (decision.outcome) {
    case 'accepted': {
      const { outcome, method, device, recoveryCodesLeft } = decision
      return { outcome, method, device, recovery_codes_left: recoveryCodesLeft }
    }
    case 'excused':
    case 'asked':
      return decision
    case 'denied': {
      const { outcome, reason, until } = decision
      return { outcome, reason, until: until && formatTime(until) }
    }
  }
}
