import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { readPamEnvironment } from '../../src/host/pam-env.ts'
import { NOW } from '../support/account-fixture.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'
import { SSH_CONNECTION } from '../support/login-fixture.ts'
import { runProgram } from '../support/run-program.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { answersLike, findControls, namesLike, ONE_LINE } from './hostile-word.ts'
import { type StoredAlice, storeAlice } from './stored-alice.ts'

/** Each run tries the same; on a failure fast-check prints seed and path, to be put here. */
const SEED = 20_261_122
const RUNS_IN_PROCESS = 500
const RUNS_OF_PROGRAM = 200
const AT_A_TIME = 4

const KEY_LINE = 'publickey ssh-ed25519 AAAA'
const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array))
const text = fc.string({ unit: 'binary', maxLength: 60 })

/** Stdin: anything, and what is nearly a code. `right` is the code of now. */
function answers(right: string): fc.Arbitrary<Buffer> {
  const near = answersLike(right).map(({ word }) => word)
  const mutated = fc
    .tuple(fc.constantFrom(...near), fc.nat(20), text)
    .map(([word, at, more]) => word.slice(0, at) + more + word.slice(at))
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789 -\0'), maxLength: 12 })
  const known = fc.oneof(fc.constantFrom(...near), mutated, digits, text)
  return fc.oneof(
    bytes,
    known.map((word) => Buffer.from(word).subarray(0, 512)),
  )
}

function names(name: string): fc.Arbitrary<string> {
  const like = fc.constantFrom(...namesLike(name).map(({ word }) => word))
  return fc.oneof(
    text,
    like,
    fc.tuple(like, text).map(([one, more]) => one + more),
  )
}

const authInfo = fc.oneof(
  text,
  fc.constantFrom('', '\n', 'publickey\n\n', 'keyboard-interactive/pam\n', `${KEY_LINE}\n`),
  fc
    .array(fc.constantFrom(KEY_LINE, 'password', 'none', 'public key', '\t', '\r'), {
      maxLength: 5,
    })
    .map((lines) => lines.join('\n')),
  fc.tuple(text, text).map(([one, other]) => `publickey ${one} ${other}`),
)

describe('the verifier, given anything at all,', () => {
  const path = useScratchDirectory()
  let alice: StoredAlice

  beforeEach(async () => {
    alice = await storeAlice(path)
  })

  /** Everything that is written or said, of any run. */
  function expectHarmless(run: Awaited<ReturnType<StoredAlice['run']>>, typed: Buffer): void {
    expect(run.logged.length).toBe(1)
    for (const { line } of run.logged) expect(line).toMatch(ONE_LINE)
    expect(findControls(run.said.join('\n'))).toEqual([])
    expect(run.said.length).toBeLessThanOrEqual(1)
    const secret = typed.toString('latin1').trim()
    if (secret.length > 8) expect(JSON.stringify(run.logged)).not.toContain(secret)
  }

  test('lets in only the right code of the right person behind a first factor', async () => {
    const right = alice.codeAt(NOW)
    const taken = [alice.codeAt(NOW - 30), right, alice.codeAt(NOW + 30)]
    const attempt = fc.record({
      answer: answers(right),
      user: fc.oneof({ weight: 2, arbitrary: fc.constant('alice') }, names('alice')),
      sshAuthInfo: fc.oneof({ weight: 2, arbitrary: fc.constant(`${KEY_LINE}\n`) }, authInfo),
    })
    await fc.assert(
      fc.asyncProperty(attempt, async ({ answer, user, sshAuthInfo }) => {
        const run = await alice.run({ answer, environment: { user, sshAuthInfo } })
        if (run.isAdmitted) {
          expect(user).toBe('alice')
          expect(sshAuthInfo).toMatch(/^(?:publickey|password)(?: |$)/m)
          expect(taken).toContain(answer.toString('latin1').replace(/[\s\0-]/g, ''))
        }
        expectHarmless(run, answer)
      }),
      { seed: SEED, numRuns: RUNS_IN_PROCESS },
    )
    const ports = alice.open()
    try {
      expect(await ports.journal.verify()).toMatchObject({ problem: undefined })
      for (const row of await ports.journal.read({}, 0, 10_000)) {
        expect(JSON.stringify(row)).toMatch(ONE_LINE)
      }
    } finally {
      ports.close()
    }
  })

  test('believes no environment that has a variable of PAM twice', () => {
    const keys = ['PAM_USER', 'PAM_TYPE', 'PAM_SERVICE', 'SSH_AUTH_INFO_0', 'SSH_CONNECTION']
    const other = fc
      .tuple(text, text)
      .map(([key, value]) => `${key.replace(/[\0=]/g, '')}=${value}`)
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.array(other), text, text, (key, rest, one, two) => {
        const entries = [`${key}=${one}`, ...rest, `${key}=${two}`].map((entry) =>
          entry.replaceAll('\0', ''),
        )
        const raw = Buffer.from(`${entries.join('\0')}\0`)
        expect(() => readPamEnvironment(raw)).toThrow(/twice|UTF-8|no value/)
      }),
      { seed: SEED, numRuns: RUNS_IN_PROCESS },
    )
  })
})

describeOnHost('the program, given anything at all,', (onHost) => {
  test('refuses it in time, and says one line at most', async () => {
    const { enroll, otpgate } = onHost()
    const { name, app } = await enroll()
    const [program, ...args] = otpgate.verifier
    const near = answersLike(codeOf(app)).map(({ word }) => word)
    const attempt = fc.record({
      input: fc.oneof(fc.constantFrom(...near), text),
      PAM_USER: fc.oneof(fc.constant(name), names(name)).map(toVariable),
      SSH_AUTH_INFO_0: fc.oneof(fc.constant(KEY_LINE), authInfo).map(toVariable),
    })
    const attempts = fc.sample(attempt, { seed: SEED, numRuns: RUNS_OF_PROGRAM })
    const tryOne = async ({ input, ...variables }: (typeof attempts)[number]) => {
      const pam = { PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', PAM_TTY: 'ssh', SSH_CONNECTION }
      const env = { ...pam, ...variables }
      const { status, stdout, stderr } = await runProgram(program, args, { env, input })
      expect({ input, variables, status, stderr }).toMatchObject({ status: 1, stderr: '' })
      expect(stdout).toMatch(ONE_LINE)
    }
    const queue = attempts.values()
    const worker = async () => {
      for (const each of queue) await tryOne(each)
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, worker))
    const shown = await otpgate.require(['audit', '--json'])
    expect(findControls(shown)).toEqual([])
    expect((await otpgate.run(['audit', 'verify'])).status).toBe(0)
  })
})

/** No variable holds a NUL, and none is longer than 128 KiB. */
function toVariable(value: string): string {
  return value.replaceAll('\0', '')
}
