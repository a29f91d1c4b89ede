import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runPamStack } from '../../src/doctor/pam-run.ts'
import { moduleOf, resolvePamStack } from '../../src/doctor/pam-stack.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { runPamTester } from '../support/pam-tester.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'

const RUNS = 150
const SLOW_TEST_MS = 60_000

const action = fc.constantFrom('ignore', 'ok', 'done', 'bad', 'die', 'reset', '1', '2', '3')
const control = fc.oneof(
  fc.constantFrom('required', 'requisite', 'sufficient', 'optional'),
  fc.tuple(action, action).map(([good, bad]) => `[success=${good} default=${bad}]`),
  action.map((each) => `[default=${each}]`),
  action.map((each) => `[success=${each}]`),
)
/** A module that says yes, or one that says no the way the verifier does. */
const line = fc
  .tuple(control, fc.constantFrom('pam_permit.so', 'pam_exec.so quiet /bin/false'))
  .map(([word, module]) => `auth ${word} ${module}`)
const lines = fc.array(line, { minLength: 1, maxLength: 4 })
const stack = fc.record({
  before: lines,
  how: fc.constantFrom('auth substack', 'auth include', '@include'),
  inner: lines,
  after: lines,
})

/** What libpam itself makes of a stack is what ours has to. */
describe.skipIf(!canRunWith('tests of PAM stacks', ['pamtester']))('a PAM stack', () => {
  let host: ThrowawayHost

  beforeAll(() => {
    host = openThrowawayHost()
  })
  afterAll(() => host?.close())

  test(
    'ends as with libpam, whatever its controls, jumps and includes',
    async () => {
      const seen = { granted: 0, denied: 0 }
      await fc.assert(
        fc.asyncProperty(stack, async ({ before, how, inner, after }) => {
          const innerText = `${inner.join('\n')}\n`
          const innerName = host.addPamService(innerText)
          const text = `${[...before, `${how} ${innerName}`, ...after].join('\n')}\n`
          const name = host.addPamService(text)
          const files = [
            { name, path: `/etc/pam.d/${name}`, text },
            { name: innerName, path: `/etc/pam.d/${innerName}`, text: innerText },
          ]
          const steps = resolvePamStack(files, name, 'auth') ?? []
          const { isGranted } = runPamStack(steps, (each) =>
            moduleOf(each) === 'pam_permit.so' ? 'success' : 'failure',
          )
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
