import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { addCodeService, BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'
import { IS_DAEMON_FRONT } from '../support/otpgate-host.ts'
import { runPamTester } from '../support/pam-tester.ts'
import { runProgram } from '../support/run-program.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { type StoredAlice, storeAlice } from './stored-alice.ts'

const DENIALS = 200
const AT_A_TIME = 4
/** By itself, or ended by its launcher 25 s after that has begun; sshd waits for 120 s. */
const LONGEST_MILLISECONDS = 60_000
/** What does not have to be ended from outside, on a machine that is busy with other tests. */
const BY_ITSELF_MILLISECONDS = 20_000
const FEW_DESCRIPTORS = [3, 5, 7, 9, 10, 16]
const LITTLE_MEMORY_KIB = [2000, 32_000, 512_000]
/** Room for some of Node's threads, so that it would wait for the others for ever. */
const HANGING_MEMORY_KIB = 150_000

describe('200 denials in one process', () => {
  const path = useScratchDirectory()
  let alice: StoredAlice

  beforeEach(async () => {
    alice = await storeAlice(path)
  })

  test('leave no descriptor and no file', async () => {
    await alice.run({ answer: 'hunter2' })
    const before = { fds: countDescriptors(), files: readdirSync(path()).toSorted() }
    for (let denial = 0; denial < DENIALS; denial++) {
      const { isAdmitted } = await alice.run({ answer: denial % 2 === 0 ? '000000' : 'hunter2' })
      expect(isAdmitted).toBe(false)
    }
    expect({ fds: countDescriptors(), files: readdirSync(path()).toSorted() }).toEqual(before)
  })
})

describeOnHost('the program', (onHost) => {
  test('leaves no process and no file behind 200 denials', async () => {
    const { enroll, otpgate } = onHost()
    const { name } = await enroll()
    const [program, ...args] = otpgate.verifier
    const pam = { PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', PAM_TTY: 'ssh', PAM_USER: name }
    const env = { ...pam, ...BEHIND_A_KEY }
    const deny = async () =>
      expect((await runProgram(program, args, { env, input: 'hunter2' })).status).toBe(1)
    await deny()
    const before = readTraces(dirname(otpgate.databaseFile))
    for (let denial = 0; denial < DENIALS; denial += AT_A_TIME) {
      await Promise.all(Array.from({ length: AT_A_TIME }, deny))
    }
    // Other test files come and go in the directory for temporary files; ours are these.
    expect(readTraces(dirname(otpgate.databaseFile))).toEqual(before)
    // The daemon itself, where there is one.
    expect(countProcessesWith(otpgate.configFile)).toBe(IS_DAEMON_FRONT ? 1 : 0)
  })

  // The static client needs next to nothing: with a daemon there is no limit here that it would not keep.
  test.skipIf(IS_DAEMON_FRONT).each([
    ...FEW_DESCRIPTORS.map((count) => ({ what: `${count} descriptors`, option: '-n', count })),
    ...LITTLE_MEMORY_KIB.map((count) => ({
      what: `${count} KiB of memory`,
      option: '-v',
      count,
    })),
    { what: 'no file longer than 0', option: '-f', count: 0 },
  ])('with $what denies by itself, and the right code stays', async ({ option, count }) => {
    const took = await expectDeniedBy(`ulimit ${option} ${count}`)
    expect(took).toBeLessThan(BY_ITSELF_MILLISECONDS)
  })

  test.skipIf(IS_DAEMON_FRONT)(
    'with memory for half of Node denies by itself or is ended, and the right code stays',
    async () => {
      await expectDeniedBy(`ulimit -v ${HANGING_MEMORY_KIB}`)
    },
  )

  /** A login with the right code under a limit, and one without; how long the first took. */
  async function expectDeniedBy(limit: string): Promise<number> {
    const { enroll, host, otpgate } = onHost()
    const { name: user, app } = await enroll()
    const limited = host.writeProgram('limited', `#!/bin/bash -p\n${limit} || exit 99\nexec "$@"\n`)
    const run = { user, answers: [codeOf(app)], env: BEHIND_A_KEY }
    const service = addCodeService(host, otpgate, [limited])
    const timeoutMs = LONGEST_MILLISECONDS
    const started = performance.now()
    const scarce = await runPamTester({ ...run, service, timeoutMs })
    const took = performance.now() - started
    expect({ ok: scarce.ok, timedOut: scarce.timedOut }).toEqual({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, user)).toEqual([])
    const plenty = await runPamTester({ ...run, service: addCodeService(host, otpgate) })
    expect(plenty.ok).toBe(true)
    return took
  }
})

function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** By how a name begins: in the random end of other tests' names every letter may stand. */
function readTraces(directory: string): readonly string[] {
  const ours = /^\.?(?:otpgate(?!-test)|node|v8|core)/i
  const shared = readdirSync(tmpdir()).filter((name) => ours.test(name))
  return [...readdirSync(directory), ...shared].toSorted()
}

function countProcessesWith(argument: string): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readArguments(pid).includes(argument)).length
}

function readArguments(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
