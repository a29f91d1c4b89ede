import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { WENT_DIRECT } from './client-bench.ts'
import { compileClient } from './client-program.ts'
import { describeClient } from './describe-client.ts'
import { type Behaviour, renderAnswer, textEntry } from './fake-daemon.ts'

const SEED = 20
const SANITIZED_RUNS = 250
/** valgrind takes a second to start. */
const VALGRIND_RUNS = 8
/** What a tool ends with that has found something. */
const FOUND = 77

interface Case {
  readonly entries: readonly Buffer[]
  readonly words: readonly string[]
  readonly typed: Buffer
  readonly answer: Mangled
}

interface Mangled {
  readonly verdict: string
  readonly lines: readonly { readonly tag: number; readonly text: string }[]
  readonly cut: number
  readonly flips: readonly number[]
  readonly added: string
}

describeClient(
  'a client that is looked into',
  (suite) => {
    const program = (name: string) => join(suite().directory, name)

    beforeAll(() => {
      compileClient(program('sanitized'), [
        '-fsanitize=address,undefined',
        '-fno-sanitize-recover=all',
      ])
      compileClient(program('dynamic'), [])
    })

    /** Runs it with the case, and holds it to: 0 only for the exact yes, and no complaint. */
    async function check(login: Case, name: string, wrapper: readonly string[]): Promise<number> {
      const { run, serve, socket } = suite()
      const daemon = await serve(mangle(login.answer))
      try {
        const args = ['--socket', socket, ...login.words]
        const entries = [...login.entries, Buffer.from('ASAN_OPTIONS=detect_leaks=0:exitcode=77')]
        const { typed: input } = login
        const end = await run({ program: program(name), args, entries, input, wrapper })
        expect(end.stderr).toBe('')
        expect([0, 1, WENT_DIRECT]).toContain(end.status)
        if (end.status === 0 && !login.words.includes('--first-factor-missing')) {
          expect(daemon.requests).toHaveLength(1)
          expect(isExactYes(login.answer)).toBe(true)
        }
        return end.status ?? FOUND
      } finally {
        await daemon.close()
      }
    }

    async function checkAll(runs: number, name: string, wrapper: readonly string[] = []) {
      const seen = new Map<number, number>()
      await fc.assert(
        fc.asyncProperty(anyCase(), async (login) => {
          const status = await check(login, name, wrapper)
          seen.set(status, (seen.get(status) ?? 0) + 1)
        }),
        { seed: SEED, numRuns: runs, endOnFailure: true },
      )
      return seen
    }

    test('by AddressSanitizer and UBSan does nothing undefined, whatever it is told', async () => {
      const seen = await checkAll(SANITIZED_RUNS, 'sanitized')
      // Each end was reached many times: what is fuzzed is not always refused at the door.
      for (const status of [0, 1, WENT_DIRECT]) expect(seen.get(status)).toBeGreaterThan(10)
    })

    test('by valgrind reads nothing that was never written', async () => {
      const options = ['-q', `--error-exitcode=${FOUND}`, '--trace-children=no']
      await checkAll(VALGRIND_RUNS, 'dynamic', ['/usr/bin/valgrind', ...options])
    })
  },
  ['valgrind'],
)

function isExactYes({ verdict, cut, flips, added }: Mangled): boolean {
  return verdict === 'Y' && cut === 0 && flips.length === 0 && added === ''
}

function mangle({ verdict, lines, cut, flips, added }: Mangled): Behaviour {
  return (peer, { attempt }) => {
    const entries = lines.map(({ tag, text }) => textEntry(tag, text))
    const frame = renderAnswer({ attempt, verdict, entries })
    for (const flip of flips) {
      const at = Math.floor(flip / 8) % frame.length
      frame.writeUInt8(frame.readUInt8(at) ^ (1 << (flip % 8)), at)
    }
    peer.end(Buffer.concat([frame.subarray(0, frame.length - cut), Buffer.from(added)]))
  }
}

function anyAnswer(): fc.Arbitrary<Mangled> {
  const rarely = <T>(value: fc.Arbitrary<T>, usual: T) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: value })
  const line = fc.record({
    tag: rarely(fc.nat(255), 64),
    text: rarely(fc.string({ unit: 'binary', maxLength: 300 }), 'a line'),
  })
  return fc.record({
    verdict: fc.constantFrom('Y', 'Y', 'Y', 'N', 'D', 'X'),
    lines: fc.array(line, { maxLength: 4 }),
    cut: rarely(fc.nat(24), 0),
    flips: rarely(fc.array(fc.nat(800), { maxLength: 3 }), []),
    added: rarely(fc.string({ maxLength: 5000 }), ''),
  })
}

function anyCase(): fc.Arbitrary<Case> {
  const bytes = fc.uint8Array({ maxLength: 400, min: 1 }).map((value) => Buffer.from(value))
  const info = fc
    .array(fc.constantFrom('publickey', 'password', ' ', '\n', 'Zm9v', 'Z', '=', 'x'), {
      maxLength: 9,
    })
    .map((words) => Buffer.from(words.join('')))
  const named = (name: string, value: fc.Arbitrary<Buffer>) =>
    fc
      .option(value, { freq: 9 })
      .map((it) => (it === null ? Buffer.from('L') : Buffer.concat([Buffer.from(`${name}=`), it])))
  const word = (text: string) => fc.constant(Buffer.from(text))
  const entries = fc.tuple(
    named('PAM_USER', bytes),
    named('PAM_SERVICE', word('sshd')),
    named('PAM_TYPE', word('auth')),
    named('SSH_AUTH_INFO_0', info),
    fc.oneof(
      { weight: 9, arbitrary: bytes },
      { weight: 1, arbitrary: named('PAM_USER', bytes) },
      {
        weight: 1,
        arbitrary: fc.nat(5000).map((length) => Buffer.from(`PAM_TTY=${'t'.repeat(length)}`)),
      },
    ),
  )
  const modes = [[], [], ['--excused'], ['--account'], ['--first-factor-missing'], ['--x']]
  return fc.record({
    entries,
    words: fc.constantFrom(...modes, ['--outside-group', 'g'], ['--config']),
    typed: bytes,
    answer: anyAnswer(),
  })
}
