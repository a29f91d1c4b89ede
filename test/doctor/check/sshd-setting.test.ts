import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sshdSettingCheck } from '../../../src/doctor/check/sshd-setting.ts'
import { describeOnHost, dropInOf, edit, rewrite, testAilments } from '../ailment.ts'
import { buildFacts } from '../facts-fixture.ts'

const ROOT_BLOCK = 'PermitRootLogin yes\nMatch User root\nAuthenticationMethods publickey\n'

testAilments('sshd settings', [
  {
    title: 'a drop-in with a remark that wins over ours',
    breakIt: (host) => host.write('ssh/drop-in/00-a.conf', 'UsePAM "no" # for now\n'),
    healIt: (host) => rmSync(dropInOf(host).replace('00-otpgate', '00-a')),
    severity: 'problem',
    says: '/ssh/drop-in/00-a.conf line 1, and wins over ',
  },
  {
    title: 'a Match block that lets one factor of root do',
    breakIt: async (host) => {
      await host.enrollRoot()
      edit(host.places.sshdConfig, 'PermitRootLogin no\n', ROOT_BLOCK)
    },
    healIt: (host) => edit(host.places.sshdConfig, ROOT_BLOCK, 'PermitRootLogin no\n'),
    severity: 'problem',
    says: 'AuthenticationMethods is "publickey" for root from 192.0.2.1',
  },
  {
    title: 'a code after a code',
    ...rewrite(dropInOf, 'Methods publickey,', 'Methods keyboard-interactive,'),
    severity: 'problem',
    says: 'AuthenticationMethods is "keyboard-interactive,keyboard-interactive:pam"',
  },
  {
    title: 'a code before the key',
    ...rewrite(
      dropInOf,
      'publickey,keyboard-interactive:pam',
      'keyboard-interactive:pam,publickey',
    ),
    severity: 'problem',
    says: 'AuthenticationMethods is "keyboard-interactive:pam,publickey"',
  },
  {
    title: 'a drop-in that wins over ours',
    breakIt: (host) => host.write('ssh/drop-in/00-a.conf', 'UsePAM no\n'),
    healIt: (host) => rmSync(dropInOf(host).replace('00-otpgate', '00-a')),
    severity: 'problem',
    says: '/ssh/drop-in/00-a.conf line 1, and wins over ',
  },
  {
    title: 'a drop-in with which sshd would not start',
    breakIt: (host) => host.write('ssh/drop-in/00-a.conf', 'ChallengeResponseAuthentication no\n'),
    healIt: (host) => rmSync(dropInOf(host).replace('00-otpgate', '00-a')),
    severity: 'problem',
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
    severity: 'problem',
    says: 'line 5 (Match User nobody)',
  },
  {
    title: 'PAM switched off',
    ...rewrite(dropInOf, 'UsePAM yes', 'UsePAM no'),
    severity: 'problem',
    says: 'UsePAM is "no"',
  },
  {
    title: 'no AuthenticationMethods',
    ...rewrite(dropInOf, '\nAuthenticationMethods', '\n#AuthenticationMethods'),
    severity: 'problem',
    says: 'AuthenticationMethods is "any"',
  },
  {
    title: 'a list of methods without a code',
    ...rewrite(dropInOf, 'Methods publickey,', 'Methods publickey publickey,'),
    severity: 'problem',
    says: 'AuthenticationMethods is "publickey publickey,keyboard-interactive:pam"',
  },
  {
    title: 'an sshd_config that sshd does not take',
    ...rewrite(dropInOf, 'UsePAM yes', 'UsePAM perhaps'),
    severity: 'problem',
    says: 'sshd does not take its configuration',
  },
])

describeOnHost('the settings of sshd for a group', (host) => {
  test('are wrong where the block for somebody in it is missing', async () => {
    host().useRecipe('otpgate-group-first', '00-otpgate-group-first.conf')
    edit(dropInOf(host()), 'Match Group otpgate', 'Match Group another')
    expect(await host().complaints()).toEqual([])
    expect(await host().complaints('alice')).toEqual(['sshd settings: problem'])
    edit(dropInOf(host()), 'Match Group another', 'Match User alice')
    expect(await host().complaints('alice')).toEqual([])
  })
})

describeOnHost('the settings of sshd for an address', (host) => {
  test('are those of the block for it', async () => {
    const block = 'PermitRootLogin no\nMatch Address 10.0.0.0/8\nAuthenticationMethods publickey\n'
    edit(host().places.sshdConfig, 'PermitRootLogin no\n', block)
    expect(await host().complaints('--from', '10.1.2.3')).toEqual(['sshd settings: problem'])
    expect(await host().complaints('--from', '192.0.2.9')).toEqual(['Match blocks: note'])
  })
})

describe('a PAM service of another name', () => {
  const judge = (service: string) => {
    const values = new Map([
      ['usepam', ['yes']],
      ['kbdinteractiveauthentication', ['yes']],
      ['authenticationmethods', ['publickey,keyboard-interactive:pam']],
      ['pamservicename', ['sshd-other']],
    ])
    const login = { user: 'nobody', address: '192.0.2.1', service }
    const sshd = { kind: 'settings', values } as const
    const diagnosis = sshdSettingCheck.judge(buildFacts({ sshd, login }))
    return diagnosis.kind === 'examined' ? diagnosis.findings.map(({ fix }) => fix) : undefined
  }

  test('is the one to examine', () => {
    expect(judge('sshd')).toEqual(['otpgate doctor --service sshd-other'])
    expect(judge('sshd-other')).toEqual([])
  })
})

describe('an sshd that waits for its first connection', () => {
  test('is not said to have a wrong configuration', () => {
    const complaint = 'Missing privilege separation directory: /run/sshd'
    const diagnosis = sshdSettingCheck.judge(buildFacts({ sshd: { kind: 'refused', complaint } }))
    expect(diagnosis).toMatchObject({
      findings: [{ severity: 'warning', what: expect.stringMatching(/^sshd does not run/) }],
    })
  })
})
