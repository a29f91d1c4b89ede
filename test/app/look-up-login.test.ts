import { expect, test } from 'vitest'
import { judgeLogin, type LoginMode } from '../../src/app/judge-login.ts'
import { lookUpLogin } from '../../src/app/look-up-login.ts'
import type { Passwd } from '../../src/app/ports.ts'
import { createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const STAFF = {
  ...{ name: 'staff', groups: ['staff'], isEmergency: false },
  ...{ exceptUsers: [], exceptGroups: ['wheel'] },
}
const MODES: readonly LoginMode[] = ['code', 'excused', 'account']
const FACTORS = [undefined, '', 'publickey ssh-ed25519 AAAA\n']
const CODES_ALONE = [[], ['sshd']]

/** The passwd database, and in `asked` every question it was asked. */
function noting(passwd: Passwd): { readonly passwd: Passwd; readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    passwd: {
      ...passwd,
      findByName: (name, manner) => {
        asked.push(`${name} ${manner}`)
        return passwd.findByName(name, manner)
      },
      findGroups: (entry, among) => {
        asked.push(`${entry.name} in ${among}`)
        return passwd.findGroups(entry, among)
      },
    },
  }
}

const CASES = MODES.flatMap((mode) =>
  FACTORS.flatMap((authInfo) =>
    CODES_ALONE.flatMap((codeAlone) =>
      ['alice', 'nobody'].flatMap((user) =>
        ['ssh', '/dev/tty1'].map((tty) => ({ mode, authInfo, codeAlone, user, tty })),
      ),
    ),
  ),
)

test.each(
  CASES,
)('asks what the login asks: $mode $user $tty $authInfo $codeAlone', async (each) => {
  const { mode, codeAlone, ...fields } = each
  const ports = createTestPorts()
  await enrollAlice(ports)
  const policy = buildPolicy({ codeAlone, exemptions: [STAFF] })
  const sshConnection = each.tty === 'ssh' ? '192.0.2.7 50000 192.0.2.1 22' : undefined
  const login = { mode, request: buildRequest({ ...fields, sshConnection }) }
  const judging = noting(ports.passwd)
  const passwords = { isRight: () => false }
  const typed = Buffer.from('000000')
  await judgeLogin({ ...ports, passwd: judging.passwd, passwords }, { ...login, policy, typed })
  const ahead = noting(ports.passwd)
  lookUpLogin(ahead.passwd, policy, login)
  expect(ahead.asked).toEqual(judging.asked)
})
