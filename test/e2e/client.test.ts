import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFailures } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson, wrongCodeOf } from '../support/enrolled-person.ts'
import { loginWithDropbear, loginWithParamiko } from '../support/other-client.ts'
import { loginWithPlink } from '../support/plink-client.ts'
import { requireTool } from '../support/run-tool.ts'
import {
  cloneWithGit,
  copyWithRsync,
  copyWithScp,
  loginWithSsh,
  runSftp,
} from '../support/ssh-client.ts'

/** What is copied: a file that stays as it is, unlike /etc/passwd with the users of other tests. */
const SENT = import.meta.filename

describeOnHost('the recipe serves', (onHost) => {
  test('ssh with a command that reads and writes', async () => {
    const { enroll, sshd } = onHost()
    const { name: user, key, app } = await enroll()
    const request = { user, key, command: 'tr a-z A-Z', input: 'through' }
    expect(await loginWithSsh(sshd, { ...request, answers: [codeOf(app)] })).toMatchObject({
      ok: true,
      stdout: 'THROUGH',
    })
  })

  test('scp', async () => {
    const { host, otpgate, sshd } = onHost()
    const user = host.addUser()
    const { app } = await enrollPerson(otpgate, user)
    const copy = (answer: string) => {
      const request = { user: user.name, key: user.key, answers: [answer] }
      return copyWithScp(sshd, request, SENT, 'copied')
    }
    expect((await copy(wrongCodeOf(app))).ok).toBe(false)
    expect(existsSync(join(user.home, 'copied'))).toBe(false)
    expect((await copy(codeOf(app))).ok).toBe(true)
    const copied = readFileSync(join(user.home, 'copied'), 'utf8')
    expect(copied).toBe(readFileSync(SENT, 'utf8'))
  })

  test('sftp', async () => {
    const { host, otpgate, sshd } = onHost()
    const user = host.addUser()
    const { app } = await enrollPerson(otpgate, user)
    const makeDirectory = (answer: string) => {
      const request = { user: user.name, key: user.key, answers: [answer] }
      return runSftp(sshd, request, ['mkdir made'])
    }
    expect((await makeDirectory(wrongCodeOf(app))).ok).toBe(false)
    expect(existsSync(join(user.home, 'made'))).toBe(false)
    expect((await makeDirectory(codeOf(app))).ok).toBe(true)
    expect(existsSync(join(user.home, 'made'))).toBe(true)
  })

  test('rsync', async () => {
    const { host, otpgate, sshd } = onHost()
    const user = host.addUser()
    const { app } = await enrollPerson(otpgate, user)
    const copy = (answer: string) => {
      const request = { user: user.name, key: user.key, answers: [answer] }
      return copyWithRsync(sshd, request, SENT, 'copied')
    }
    expect((await copy(wrongCodeOf(app))).ok).toBe(false)
    expect(existsSync(join(user.home, 'copied'))).toBe(false)
    expect(await copy(codeOf(app))).toMatchObject({ ok: true, prompts: ['Password: '] })
    const copied = readFileSync(join(user.home, 'copied'), 'utf8')
    expect(copied).toBe(readFileSync(SENT, 'utf8'))
  })

  test('git over ssh', async () => {
    const { host, otpgate, sshd } = onHost()
    const { name, key, uid, gid, home } = host.addUser()
    const { app } = await enrollPerson(otpgate, { name, key, uid, gid, home })
    const as = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
    const bare = join(home, 'code.git')
    requireTool('setpriv', [...as, 'git', 'init', '--quiet', '--bare', bare])
    const clone = (answer: string) => {
      const request = { user: name, key, answers: [answer] }
      return cloneWithGit(sshd, request, bare, join(host.secretDirectory, 'cloned'))
    }
    expect((await clone(wrongCodeOf(app))).ok).toBe(false)
    expect(await clone(codeOf(app))).toMatchObject({ ok: true, prompts: ['Password: '] })
    expect(existsSync(join(host.secretDirectory, 'cloned/.git/config'))).toBe(true)
  })

  test('and an ssh that nobody answers locks nobody, however often it is asked', async () => {
    const { enroll, otpgate, sshd } = onHost()
    const { name: user, key, app } = await enroll()
    const options = ['NumberOfPasswordPrompts=6']
    const silent = await loginWithSsh(sshd, { user, key, answers: [], options })
    expect(silent.ok).toBe(false)
    expect(silent.prompts.length).toBeGreaterThanOrEqual(5)
    expect(await readFailures(otpgate, user)).toBe(0)
    expect((await loginWithSsh(sshd, { user, key, answers: [codeOf(app)] })).ok).toBe(true)
  })

  test('plink of PuTTY', async () => {
    const { enroll, sshd } = onHost()
    const { name: user, key, app } = await enroll()
    expect((await loginWithPlink(sshd, { user, key, answers: [wrongCodeOf(app)] })).ok).toBe(false)
    expect((await loginWithPlink(sshd, { user, key, answers: [codeOf(app)] })).ok).toBe(true)
  })

  test.each([
    { name: 'dbclient of dropbear', loginWith: loginWithDropbear },
    { name: 'paramiko', loginWith: loginWithParamiko },
  ])('$name', async ({ loginWith }) => {
    const { enroll, sshd } = onHost()
    const { name: user, key, app } = await enroll()
    // Not the status: dbclient ends with 0 also where it was refused.
    expect((await loginWith(sshd, { user, key, answer: wrongCodeOf(app) })).stdout).toBe('')
    expect((await loginWith(sshd, { user, key, answer: codeOf(app) })).stdout).toBe(`${user}\n`)
  })
})
