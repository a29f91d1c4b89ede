import { parseSecret } from '../../../src/domain/secret.ts'
import { enrollPerson } from '../../support/enrolled-person.ts'
import { DIRECT_VERIFIER, type Otpgate } from '../../support/otpgate-host.ts'
import type { PrivateSshd } from '../../support/private-sshd.ts'
import { fillPamRecipe, readExample } from '../../support/shipped-example.ts'
import { loginWithSsh } from '../../support/ssh-client.ts'
import type { HostUser } from '../../support/throwaway-host.ts'
import type { Measured } from '../bench-part.ts'
import { currentCode } from '../crowd.ts'
import { interleave } from '../interleave.ts'
import { type Ratio, type Sample, summarize } from '../sample.ts'
import type { Stage } from '../stage.ts'
import { resetAccounts } from '../subject/otpgate-front.ts'

const KEY_ALONE = 'AuthenticationMethods publickey'
const NO_SECOND_FACTOR =
  'auth required pam_deny.so\naccount required pam_nologin.so\n@include common-account\n'

/** One sshd and what makes a login of it. */
interface Way {
  readonly id: string
  readonly title: string
  readonly login: () => Promise<number>
}

/** Real logins, from the start of ssh(1) to its end, with `true` for a command. */
export async function measureSshLogins(
  stage: Stage,
  client: Otpgate['verifier'] | undefined,
  rounds: number,
): Promise<Measured> {
  const ways = await openWays(stage, client)
  const runs = Object.fromEntries(ways.map(({ id, login }) => [id, login]))
  const times = await interleave(runs, rounds)
  const samples = ways.map(({ id, title }) => summarize(`ssh login, ${title}`, 'ms', times(id)))
  const [keyAlone, ...others] = samples
  if (keyAlone === undefined) throw new Error('no ways')
  return { samples, ratios: others.map((sample) => shareOf(sample, keyAlone)) }
}

function shareOf(whole: Sample, without: Sample): Ratio {
  const value = (whole.p50 - without.p50) / whole.p50
  return { name: `${whole.name}: share of the second factor`, value, goal: undefined }
}

async function openWays(
  stage: Stage,
  client: Otpgate['verifier'] | undefined,
): Promise<readonly Way[]> {
  const { host, otpgate, served } = stage
  const user = host.addUser()
  const config = readExample('sshd_config.d/00-otpgate.conf')
  const bare = await host.startSshd({
    service: host.addPamService(NO_SECOND_FACTOR),
    config: KEY_ALONE,
  })
  const ways: Way[] = [{ id: 'key', title: 'key alone', login: () => logIn(bare, user, undefined) }]
  const direct = [DIRECT_VERIFIER, '--config', otpgate.configFile]
  const fronts = [
    { id: 'direct', title: 'direct', verifier: direct, on: otpgate },
    ...(client ? [{ id: 'daemon', title: 'daemon', verifier: client, on: served }] : []),
  ]
  for (const { id, title, verifier, on } of fronts) {
    const { app } = await enrollPerson(on, user)
    const secret = parseSecret(app.secretBase32)
    for (const recipe of ['key-then-code', 'lean']) {
      const text = fillPamRecipe(readExample(`pam.d/otpgate-${recipe}`), verifier)
      const sshd = await host.startSshd({ service: host.addPamService(text), config })
      const login = () => {
        resetAccounts(on.databaseFile, [user.name])
        return logIn(sshd, user, currentCode(secret))
      }
      ways.push({ id: `${id}-${recipe}`, title: `${recipe}, ${title}`, login })
    }
  }
  return ways
}

async function logIn(sshd: PrivateSshd, user: HostUser, code: string | undefined): Promise<number> {
  // Keys are agreed on as ssh does by itself, which takes the most of a login.
  const options = ['KexAlgorithms=+curve25519-sha256']
  const request = { user: user.name, key: user.key, options, ...(code && { answers: [code] }) }
  const begun = performance.now()
  const { ok, stderr } = await loginWithSsh(sshd, request)
  if (!ok) throw new Error(`ssh was refused: ${stderr}\n${sshd.readLog()}`)
  return performance.now() - begun
}
