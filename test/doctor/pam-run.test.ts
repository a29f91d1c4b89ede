import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutVerifier } from '../../src/doctor/pam-answer.ts'
import type { PamReturn } from '../../src/doctor/pam-control.ts'
import { findFileFlaws } from '../../src/doctor/pam-file-flaw.ts'
import type { PamLine } from '../../src/doctor/pam-line.ts'
import { ACCOUNT_GRANTS, explorePamStack, type PamAnswers } from '../../src/doctor/pam-run.ts'
import { moduleOf, resolvePamStack } from '../../src/doctor/pam-stack.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { runPamTester } from '../support/pam-tester.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'

const RUNS = 200
const KNOWLEDGE_RUNS = 150
const SLOW_TEST_MS = 120_000

/** What modules answer that always answer the same; pam_exec as where the verifier fails. */
const ANSWERS: Readonly<Record<string, PamReturn>> = {
  'pam_permit.so': 'success',
  'pam_exec.so': 'system_err',
  'pam_deny.so': 'auth_err',
}
/** No other is there: not by the name pam_of_nobody.so, and not by one that ends in CR. */
const answerOf = (line: PamLine) => ANSWERS[moduleOf(line)] ?? 'module_unknown'

const action = fc.constantFrom('ignore', 'ok', 'done', 'bad', 'die', 'reset', '1', '2', '3')
const returned = fc.constantFrom('success', 'system_err', 'auth_err', 'module_unknown', 'default')
const control = fc.oneof(
  fc.constantFrom('required', 'requisite', 'sufficient', 'optional', 'Required', 'SUFFICIENT'),
  fc.tuple(action, action).map(([good, bad]) => `[success=${good} default=${bad}]`),
  fc
    .array(fc.tuple(returned, action), { minLength: 1, maxLength: 4 })
    .map((pairs) => `[${pairs.map(([name, each]) => `${name}=${each}`).join(' ')}]`),
)
/** What an admin mistypes, each rarely. */
const oddControl = fc.constantFrom(
  'suficient',
  '[success=ok default=0]',
  '[SUCCESS=ok default=ignore]',
  '[success=OK default=ignore]',
  '[success=ok surprise=ignore default=ignore]',
  '[success=ok, default=ignore]',
  '[ success = ok  default = ignore ]',
  '[success=ok default=ignore',
  '[success=ok new_authtok_reqd=ok ignore=ignore default=bad]',
)
const module = fc.constantFrom(
  // More often than the others, or hardly a stack lets anybody in.
  ...Array<string>(6).fill('pam_permit.so'),
  'pam_exec.so quiet /bin/false',
  'pam_exec.so quiet /bin/false',
  'pam_deny.so',
  'pam_of_nobody.so',
)
const plainLine = fc
  .tuple(fc.oneof({ weight: 9, arbitrary: control }, { weight: 1, arbitrary: oddControl }), module)
  .map(([word, what]) => `auth ${word} ${what}`)
/**
 * Ways to write a line, and lines that are none. No `@include` of nothing: libpam gives up there, ours
 * goes on and finds more.
 */
const oddLine = plainLine.chain((line) =>
  fc.constantFrom(
    `-${line}`,
    line.toUpperCase().replace(/^AUTH (\S+) .*$/i, 'AUTH REQUIRED pam_permit.so'),
    `  ${line.replaceAll(' pam_', '\tpam_')}\t`,
    `${line} # a remark \\`,
    `# ${line} \\`,
    line.replace(' pam_', ' \\\npam_'),
    line.replace(' pam_', ' \\\n# a remark\n\n  pam_'),
    line.replace(' pam_', '\u00a0pam_'),
    `${line}\r`,
    line.replace(/^auth/, 'account'),
    line.replace(/^auth/, 'aut'),
    'auth required',
    'auth',
    'auth include of-nobody',
    'auth substack of-nobody',
  ),
)
const line = fc.oneof({ weight: 5, arbitrary: plainLine }, { weight: 1, arbitrary: oddLine })
const lines = fc.array(line, { minLength: 1, maxLength: 4 })
/** Modules as a host has them: what doctor holds for certain of them has to be so. */
const realModule = (verifier: string) =>
  fc.constantFrom(
    // As above.
    ...Array<string>(6).fill('pam_permit.so'),
    ...Array<string>(4).fill('pam_rootok.so'),
    `pam_exec.so quiet ${verifier}`,
    `pam_exec.so quiet type=auth ${verifier}`,
    `pam_exec.so quiet type=account ${verifier}`,
    `pam_exec.so quiet Type=auth TYPE=auth ${verifier}`,
    `pam_exec.so quiet type=AUTH ${verifier}`,
    `pam_exec.so quiet /bin/true ${verifier}`,
    'pam_succeed_if.so quiet user = root',
    'pam_succeed_if.so quiet user != root',
    'pam_succeed_if.so quiet service = sshd',
    'pam_succeed_if.so quiet uid >= 1000',
    'pam_deny.so',
  )
const realStack = (verifier: string) =>
  fc.record({
    type: fc.constantFrom('auth', 'account'),
    lines: fc.array(fc.tuple(control, realModule(verifier)), { minLength: 1, maxLength: 4 }),
  })
const stack = fc.record({
  before: lines,
  how: fc.constantFrom('auth substack', 'auth include', '@include'),
  inner: lines,
  after: lines,
})

const toFile = (name: string, text: string) => ({ name, path: `/etc/pam.d/${name}`, text })
const endsOf = (text: string, answers: PamAnswers) =>
  explorePamStack(resolvePamStack([toFile('one', text)], 'one', 'auth') ?? [], answers).map(
    ({ end }) => end,
  )

/** What libpam itself makes of a stack is what ours has to. */
describe.skipIf(!canRunWith('tests of PAM stacks', ['pamtester']))('a PAM stack', () => {
  let host: ThrowawayHost

  beforeAll(() => {
    host = openThrowawayHost()
  })
  afterAll(() => host?.close())

  test(
    'ends as with libpam, however it is written, whatever its controls, jumps and includes',
    async () => {
      const seen = { granted: 0, denied: 0 }
      await fc.assert(
        fc.asyncProperty(stack, async ({ before, how, inner, after }) => {
          const innerText = `${inner.join('\n')}\n`
          const innerName = host.addPamService(innerText)
          const text = `${[...before, `${how} ${innerName}`, ...after].join('\n')}\n`
          const name = host.addPamService(text)
          const files = [toFile(name, text), toFile(innerName, innerText)]
          const steps = resolvePamStack(files, name, 'auth') ?? []
          const ends = explorePamStack(steps, (each) => [answerOf(each)])
          const isGranted = ends.every(({ end }) => end === 'positive')
          const { ok } = await runPamTester({ service: name, user: 'root' })
          seen[ok ? 'granted' : 'denied']++
          expect({ isGranted, text, innerText }).toEqual({ isGranted: ok, text, innerText })
        }),
        { numRuns: RUNS },
      )
      expect(Math.min(seen.granted, seen.denied)).toBeGreaterThan(10)
    },
    SLOW_TEST_MS,
  )
})

describe.skipIf(!canRunWith('tests of PAM modules', ['pamtester']))('a login', () => {
  let host: ThrowawayHost

  beforeAll(() => {
    host = openThrowawayHost()
  })
  afterAll(() => host?.close())

  test(
    'is granted by libpam only where the modules, as doctor knows them, can come to that',
    async () => {
      const verifier = host.writeProgram('otpgate-verify', '#!/bin/sh\nexit 1\n')
      const seen = { granted: 0, denied: 0 }
      await fc.assert(
        fc.asyncProperty(realStack(verifier), async ({ type, lines: each }) => {
          const text = each.map((words) => `${type} ${words.join(' ')}\n`).join('')
          const name = host.addPamService(text)
          const steps =
            resolvePamStack([toFile(name, text)], name, type === 'auth' ? 'auth' : 'account') ?? []
          const ends = explorePamStack(steps, withoutVerifier('sshd')).map(({ end }) => end)
          const operations = [type === 'auth' ? 'authenticate' : 'acct_mgmt']
          const { ok } = await runPamTester({ service: name, user: 'root', operations })
          seen[ok ? 'granted' : 'denied']++
          const isForeseen = ends.some((end) => ACCOUNT_GRANTS.includes(end) === ok)
          expect({ isForeseen, ok, text }).toEqual({ isForeseen: true, ok, text })
        }),
        { numRuns: KNOWLEDGE_RUNS },
      )
      expect(Math.min(seen.granted, seen.denied)).toBeGreaterThan(10)
    },
    SLOW_TEST_MS,
  )
})

describe.skipIf(!canRunWith('tests of long lines', ['pamtester']))('a remark in a PAM file', () => {
  let host: ThrowawayHost

  beforeAll(() => {
    host = openThrowawayHost()
  })
  afterAll(() => host?.close())

  test.each([
    { bytes: 1022, isNoted: false },
    { bytes: 1023, isNoted: true },
  ])('of $bytes bytes lets nobody in unless it is noted: $isNoted', async ({ bytes, isNoted }) => {
    const remark = `#${'x'.repeat(bytes - 1)}`
    const text = `${remark}${isNoted ? 'auth sufficient pam_permit.so' : ''}\nauth required pam_deny.so\n`
    const name = host.addPamService(text)
    expect(findFileFlaws(toFile(name, text))).toHaveLength(isNoted ? 1 : 0)
    const { ok } = await runPamTester({ service: name, user: 'root' })
    // Newer ones than 1.5 read it whole: then nothing is let in by it.
    expect(ok && !isNoted).toBe(false)
  })
})

describe('all ways through a PAM stack', () => {
  const choice = fc.array(fc.constantFrom<PamReturn>('success', 'system_err', 'ignore'), {
    minLength: 9,
    maxLength: 9,
  })

  test('are those that its modules can take by any of their answers', () => {
    fc.assert(
      fc.property(fc.array(plainLine, { minLength: 1, maxLength: 8 }), choice, (each, chosen) => {
        const text = `${each.join('\n')}\n`
        const all = endsOf(text, () => ['success', 'system_err', 'ignore'])
        const one = endsOf(text, ({ line: number }) => [chosen[number] ?? 'abort'])
        expect(one).toHaveLength(1)
        expect(all).toEqual(expect.arrayContaining(one))
      }),
    )
  })
})
