import { chmodSync, chownSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { Override } from '../../src/domain/override.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { buildDevice, NOW, toUid } from '../support/account-fixture.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { laySickHost, recoveryCodes, type SickHost } from './sick-host.ts'

const canRun = canRunWith('tests of doctor', ['sshd', 'ssh-keygen'])
const STRANGER_UID = 65_533

/** One thing that goes wrong with a host, and how it is put right. */
interface Ailment {
  readonly title: string
  readonly breakIt: (host: SickHost) => unknown
  readonly healIt: (host: SickHost) => unknown
  /** All that doctor says then. */
  readonly complaint: string
  /** A part of what it says is wrong. */
  readonly says: string
}

/** Replaces a text in a file of the host; it has to be there. */
function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
  writeFileSync(file, text.replace(from, to))
}

const recipe = ({ places }: SickHost) => `${places.pamDirectories[0]}/otpgate-key-then-code`
const dropIn = ({ places }: SickHost) =>
  places.sshdConfig.replace('sshd_config', 'drop-in/00-otpgate.conf')
const rewrite = (
  file: (host: SickHost) => string,
  from: string,
  to: string,
): Pick<Ailment, 'breakIt' | 'healIt'> => ({
  breakIt: (host) => edit(file(host), from, to),
  healIt: (host) => edit(file(host), to, from),
})
const move = (file: (host: SickHost) => string): Pick<Ailment, 'breakIt' | 'healIt'> => ({
  breakIt: (host) => renameSync(file(host), `${file(host)}.away`),
  healIt: (host) => renameSync(`${file(host)}.away`, file(host)),
})
const mode = (
  file: (host: SickHost) => string,
  bad: number,
  good: number,
): Pick<Ailment, 'breakIt' | 'healIt'> => ({
  breakIt: (host) => chmodSync(file(host), bad),
  healIt: (host) => chmodSync(file(host), good),
})
const useRecipe = (host: SickHost) => host.useRecipe('otpgate-key-then-code', '00-otpgate.conf')

const SSHD: readonly Ailment[] = [
  {
    title: 'a drop-in that wins over ours',
    breakIt: (host) => host.write('ssh/drop-in/00-a.conf', 'UsePAM no\n'),
    healIt: (host) => rmSync(dropIn(host).replace('00-otpgate', '00-a')),
    complaint: 'sshd settings: problem',
    says: '/ssh/drop-in/00-a.conf line 1, and wins over ',
  },
  {
    title: 'a drop-in with which sshd would not start',
    breakIt: (host) => host.write('ssh/drop-in/00-a.conf', 'ChallengeResponseAuthentication no\n'),
    healIt: (host) => rmSync(dropIn(host).replace('00-otpgate', '00-a')),
    complaint: 'sshd settings: problem',
    says: '/ssh/drop-in/00-a.conf line 1, and wins over ',
  },
  {
    title: 'a Match block that lets one factor do',
    breakIt: (host) =>
      edit(
        host.places.sshdConfig,
        'PermitRootLogin no\n',
        'PermitRootLogin no\nMatch User nobody\nAuthenticationMethods publickey\n',
      ),
    healIt: (host) =>
      edit(host.places.sshdConfig, 'Match User nobody\nAuthenticationMethods publickey\n', ''),
    complaint: 'sshd settings: problem',
    says: 'line 5 (Match User nobody)',
  },
  {
    title: 'PAM switched off',
    ...rewrite(dropIn, 'UsePAM yes', 'UsePAM no'),
    complaint: 'sshd settings: problem',
    says: 'UsePAM is "no"',
  },
  {
    title: 'no AuthenticationMethods',
    ...rewrite(dropIn, '\nAuthenticationMethods', '\n#AuthenticationMethods'),
    complaint: 'sshd settings: problem',
    says: 'AuthenticationMethods is "any"',
  },
  {
    title: 'a list of methods without a code',
    ...rewrite(dropIn, 'Methods publickey,', 'Methods publickey publickey,'),
    complaint: 'sshd settings: problem',
    says: 'AuthenticationMethods is "publickey publickey,keyboard-interactive:pam"',
  },
  {
    title: 'an sshd_config that sshd does not take',
    ...rewrite(dropIn, 'UsePAM yes', 'UsePAM perhaps'),
    complaint: 'sshd settings: problem',
    says: 'sshd does not take its configuration',
  },
]

const PAM: readonly Ailment[] = [
  {
    title: 'a service that never asks for a code',
    breakIt: (host) => host.write('pam.d/sshd', '@include common-auth\n@include common-account\n'),
    healIt: useRecipe,
    complaint: 'PAM stack: problem',
    says: 'never runs the verifier',
  },
  {
    title: '"optional" in the place of "requisite"',
    ...rewrite(recipe, '\nauth    requisite', '\nauth    optional'),
    complaint: 'PAM stack: problem',
    says: '"optional" lets people in whose code is wrong',
  },
  {
    title: '"sufficient" in the place of "requisite"',
    ...rewrite(recipe, '\nauth    requisite', '\nauth    sufficient'),
    complaint: 'PAM stack: problem',
    says: '"sufficient" lets people in whose code is wrong',
  },
  {
    title: 'a jump that takes failure for permission',
    ...rewrite(recipe, 'success=done default=ignore', 'success=done default=1'),
    complaint: 'PAM stack: problem',
    says: 'never reached where the verifier fails',
  },
  {
    title: 'a line before ours that is enough',
    breakIt: (host) =>
      host.write(
        'pam.d/sshd',
        'auth sufficient pam_unix.so\n@include otpgate-key-then-code\n@include common-account\n',
      ),
    healIt: useRecipe,
    complaint: 'PAM stack: problem',
    says: 'pam.d/sshd line 1 lets people in',
  },
  {
    title: "the distribution's password behind the code",
    breakIt: (host) =>
      host.write(
        'pam.d/sshd',
        '@include otpgate-key-then-code\n@include common-auth\n@include common-account\n',
      ),
    healIt: useRecipe,
    complaint: 'PAM stack: problem',
    says: 'pam_unix.so runs in the same pass as the code',
  },
  {
    title: 'no pam_permit behind the code',
    ...rewrite(recipe, '\nauth    required pam_permit.so', '\n# auth required pam_permit.so'),
    complaint: 'PAM stack: problem',
    says: 'no line of another module follows',
  },
  {
    title: 'no account line',
    ...rewrite(recipe, '\naccount requisite', '\n# account requisite'),
    complaint: 'PAM stack: problem',
    says: 'no account line of otpgate',
  },
  {
    title: 'an account line that may fail',
    ...rewrite(recipe, '\naccount requisite', '\naccount optional'),
    complaint: 'PAM stack: problem',
    says: '"optional" lets in whoever the verifier refuses',
  },
  {
    title: 'an included file that is not there',
    ...move(({ places }) => `${places.pamDirectories[0]}/common-account`),
    complaint: 'PAM stack: problem',
    says: 'includes "common-account", which is not there',
  },
  {
    title: 'no "quiet"',
    ...rewrite(recipe, 'quiet stdout expose_authtok', 'stdout expose_authtok'),
    complaint: 'PAM stack: warning',
    says: '"quiet" is missing',
  },
  {
    title: 'no "expose_authtok"',
    ...rewrite(recipe, 'stdout expose_authtok', 'stdout debug'),
    complaint: 'PAM stack: problem',
    says: '"expose_authtok" is missing',
  },
  {
    title: 'sudo without sudo-i',
    ...rewrite(
      ({ places }) => `${places.pamDirectories[0]}/sudo-i`,
      '\n@include otpgate-code',
      '\n@include common-auth',
    ),
    complaint: 'sudo and su: problem',
    says: '"sudo" asks for a code, and "sudo-i" does not',
  },
]

const FILES: readonly Ailment[] = [
  {
    title: 'a verifier that others can write',
    breakIt: (host) => {
      host.write('elsewhere/otpgate-verify', '#!/bin/sh\n', 0o755)
      chmodSync(host.verifier.replace('program/otpgate-verify', 'elsewhere'), 0o777)
      edit(
        recipe(host),
        `${host.verifier} --excused`,
        `${host.verifier.replace('program', 'elsewhere')} --excused`,
      )
    },
    healIt: (host) =>
      edit(
        recipe(host),
        `${host.verifier.replace('program', 'elsewhere')} --excused`,
        `${host.verifier} --excused`,
      ),
    complaint: 'verifier: problem',
    says: '/elsewhere is writable by group or world',
  },
  {
    title: 'a verifier that is gone',
    ...move(({ verifier }) => verifier),
    complaint: 'verifier: problem',
    says: 'program/otpgate-verify does not exist',
  },
  {
    title: 'a verifier that is not executable',
    ...mode(({ verifier }) => verifier, 0o644, 0o755),
    complaint: 'verifier: problem',
    says: 'is not executable',
  },
  {
    title: 'a program file of somebody else',
    breakIt: (host) => {
      host.write('program/lib/a.js', '')
      chownSync(`${host.places.programRoot}/lib/a.js`, STRANGER_UID, 0)
    },
    healIt: (host) => chownSync(`${host.places.programRoot}/lib/a.js`, 0, 0),
    complaint: 'owners and modes: problem',
    says: '/program/lib/a.js can be changed by others than root',
  },
  {
    title: 'a key that others can read',
    ...mode(({ keyFile }) => keyFile, 0o440, 0o400),
    complaint: 'owners and modes: problem',
    says: 'master.key is open to group or world',
  },
  {
    title: 'a database that others can write',
    ...mode(({ databaseFile }) => databaseFile, 0o666, 0o600),
    complaint: 'owners and modes: problem',
    says: 'otpgate.db is writable by group or world',
  },
  {
    title: 'a directory of the database that others can write',
    ...mode(({ databaseFile }) => databaseFile.replace('/otpgate.db', ''), 0o777, 0o700),
    complaint: 'owners and modes: problem',
    says: '/data is writable by group or world',
  },
  {
    title: 'a key that is gone',
    ...move(({ keyFile }) => keyFile),
    complaint: 'key and database: problem',
    says: 'master.key does not exist',
  },
  {
    title: 'a database that is gone',
    ...move(({ databaseFile }) => databaseFile),
    complaint: 'key and database: problem',
    says: 'otpgate.db does not exist',
  },
  {
    title: 'a database with a trigger of somebody else',
    breakIt: ({ databaseFile }) =>
      tamper(databaseFile, (db) =>
        db.exec('CREATE TRIGGER mine AFTER UPDATE ON device BEGIN DELETE FROM audit; END'),
      ),
    healIt: ({ databaseFile }) => tamper(databaseFile, (db) => db.exec('DROP TRIGGER mine')),
    complaint: 'key and database: problem',
    says: 'the database has a trigger, "mine"',
  },
  {
    title: 'a key of another database',
    breakIt: ({ keyFile }) => {
      renameSync(keyFile, `${keyFile}.away`)
      writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o400 })
    },
    healIt: ({ keyFile }) => renameSync(`${keyFile}.away`, keyFile),
    complaint: 'key and database: problem',
    says: 'key',
  },
  {
    title: 'a configuration with a mistake',
    ...rewrite(({ configFile }) => configFile, '[store]', '[stor]'),
    complaint: 'configuration: problem',
    says: 'otpgate.toml line 1',
  },
  {
    title: 'a clock that nothing keeps right',
    ...rewrite(({ places }) => places.timedatectl, 'yes', 'no'),
    complaint: 'clock: warning',
    says: 'not synchronised',
  },
  {
    title: 'no system log',
    ...move(({ places }) => places.logSocket),
    complaint: 'system log: warning',
    says: '/log is not there',
  },
]

const LOCKED = { ...FRESH_THROTTLE, consecutiveFailures: 100 }

const INVITED: Override = {
  kind: 'invited',
  since: addSeconds(NOW, -2),
  until: addSeconds(NOW, -1),
  needsCode: false,
  reason: undefined,
}

const PEOPLE: readonly Ailment[] = [
  {
    title: 'a device of root that sshd never asks for',
    breakIt: async (host) => {
      await host.enrollRoot()
      edit(host.places.sshdConfig, 'RootLogin no', 'RootLogin prohibit-password')
    },
    healIt: ({ places }) => edit(places.sshdConfig, 'RootLogin prohibit-password', 'RootLogin yes'),
    complaint: 'root over SSH: warning',
    says: 'PermitRootLogin is "without-password" (',
  },
  {
    title: 'an invitation that nobody took up',
    breakIt: (host) =>
      host.change(
        { kind: 'remove-device', deviceId: buildDevice().id },
        { kind: 'set-override', override: INVITED },
      ),
    healIt: (host) =>
      host.change(
        { kind: 'set-override', override: undefined },
        { kind: 'add-device', device: buildDevice() },
      ),
    complaint: 'invitations: warning',
    says: '1 invitation past the date, nobody enrolled: alice',
  },
  {
    title: 'a locked account',
    breakIt: (host) => host.change({ kind: 'set-throttle', budget: 'code', throttle: LOCKED }),
    healIt: (host) =>
      host.change({ kind: 'set-throttle', budget: 'code', throttle: FRESH_THROTTLE }),
    complaint: 'locked accounts: warning',
    says: '1 account locked: alice',
  },
  {
    title: 'few recovery codes',
    breakIt: (host) =>
      host.change({ kind: 'remove-one-time-codes', of: 'recovery' }, ...recoveryCodes(2)),
    healIt: (host) =>
      host.change({ kind: 'remove-one-time-codes', of: 'recovery' }, ...recoveryCodes(3)),
    complaint: 'recovery codes: warning',
    says: 'fewer than 3 recovery codes: alice',
  },
  {
    title: 'another uid than at enrolment',
    breakIt: (host) => host.change({ kind: 'set-uid', uid: toUid(1001) }),
    healIt: (host) => host.change({ kind: 'set-uid', uid: toUid(1000) }),
    complaint: 'uids: problem',
    says: 'another uid than at enrolment: alice',
  },
  {
    title: 'somebody whom otpgate does not know',
    breakIt: (host) =>
      host.write(
        'passwd',
        `${readFileSync(host.places.getent.replace('getent', 'passwd'), 'utf8')}bob:x:1001:1001::/home/bob:/bin/zsh\n`,
      ),
    healIt: (host) =>
      edit(host.places.getent.replace('getent', 'passwd'), '/bin/zsh', '/usr/sbin/nologin'),
    complaint: 'people without a second factor: warning',
    says: 'without an account here: bob',
  },
]

describe.skipIf(!canRun)('otpgate doctor', { timeout: 60_000 }, () => {
  const scratch = useScratchDirectory()
  let host: SickHost

  beforeEach(async () => {
    host = await laySickHost(scratch)
  })

  test('finds nothing on a host where all is well, and ends with 0', async () => {
    const { status, report } = await host.examine()
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([])
    expect({ status, problems: report.problems, warnings: report.warnings }).toEqual({
      status: 0,
      problems: 0,
      warnings: 0,
    })
    const looked = report.checks.filter(({ verdict }) => verdict === 'ok')
    expect(looked.map(({ check }) => check)).toHaveLength(report.checks.length - 1)
  })

  test.each([
    { name: 'otpgate-lean', config: '00-otpgate.conf' },
    { name: 'otpgate-password-then-code', config: '00-otpgate-password-then-code.conf' },
    { name: 'otpgate-password-and-code', config: '00-otpgate-password-and-code.conf' },
    { name: 'otpgate-group-first', config: '00-otpgate-group-first.conf' },
  ])('finds nothing wrong with the shipped $name', async ({ name, config }) => {
    host.useRecipe(name, config)
    expect(await host.complaints()).toEqual([])
  })

  test.each([
    ...SSHD,
    ...PAM,
    ...FILES,
    ...PEOPLE,
  ])('finds $title, that alone, and is content once it is mended', async ({
    breakIt,
    healIt,
    complaint,
    says,
  }) => {
    await breakIt(host)
    const { status, report } = await host.examine()
    const findings = report.checks.flatMap((each) => each.findings)
    expect(await host.complaints()).toEqual([complaint])
    expect(findings.map(({ what }) => what).join('\n')).toContain(says)
    expect(status).toBe(complaint.endsWith('problem') ? 9 : 0)
    await healIt(host)
    expect(await host.complaints()).toEqual([])
  })
})
