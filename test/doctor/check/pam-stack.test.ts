import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  describeOnHost,
  edit,
  move,
  recipeOf,
  rewrite,
  testAilments,
  useUsualRecipe,
} from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const commonAuthOf = ({ places }: SickHost) => `${places.pamDirectories[0]}/common-auth`
const PERMIT = '\nauth    required pam_permit.so'

testAilments('PAM stack', [
  {
    title: 'a service that never asks for a code',
    breakIt: (host) => host.write('pam.d/sshd', '@include common-auth\n@include common-account\n'),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'never runs the verifier',
  },
  {
    title: '"optional" in the place of "requisite"',
    ...rewrite(recipeOf, '\nauth    requisite', '\nauth    optional'),
    severity: 'problem',
    says: '"optional" lets people in whose code is wrong',
  },
  {
    title: '"sufficient" in the place of "requisite"',
    ...rewrite(recipeOf, '\nauth    requisite', '\nauth    sufficient'),
    severity: 'problem',
    says: '"sufficient" lets people in whose code is wrong',
  },
  {
    title: 'a jump that takes failure for permission',
    ...rewrite(recipeOf, 'success=done default=ignore', 'success=done default=1'),
    severity: 'problem',
    says: 'line 15 leads around it',
  },
  {
    title: 'a line before ours that is enough',
    breakIt: (host) =>
      host.write(
        'pam.d/sshd',
        'auth sufficient pam_unix.so\n@include otpgate-key-then-code\n@include common-account\n',
      ),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'pam.d/sshd line 1 leads around it',
  },
  {
    title: "the distribution's password behind the code",
    breakIt: (host) =>
      host.write(
        'pam.d/sshd',
        '@include otpgate-key-then-code\n@include common-auth\n@include common-account\n',
      ),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'pam_unix.so runs in the same pass as the code',
  },
  {
    title: 'no pam_permit behind the code',
    ...rewrite(recipeOf, '\nauth    required pam_permit.so', '\n# auth required pam_permit.so'),
    severity: 'problem',
    says: 'no line of another module follows',
  },
  {
    title: 'no account line',
    ...rewrite(recipeOf, '\naccount requisite', '\n# account requisite'),
    severity: 'problem',
    says: 'no account line of otpgate',
  },
  {
    title: 'an account line that may fail',
    ...rewrite(recipeOf, '\naccount requisite', '\naccount optional'),
    severity: 'problem',
    says: '"optional" lets in whoever the verifier refuses',
  },
  {
    title: 'an included file that is not there',
    ...move(({ places }) => `${places.pamDirectories[0]}/common-account`),
    severity: 'problem',
    says: 'includes "common-account", which is not there',
  },
  {
    title: 'no "quiet"',
    ...rewrite(recipeOf, 'quiet stdout expose_authtok', 'stdout expose_authtok'),
    severity: 'warning',
    says: '"quiet" is missing',
  },
  {
    title: 'no "expose_authtok"',
    ...rewrite(recipeOf, 'stdout expose_authtok', 'stdout debug'),
    severity: 'problem',
    says: '"expose_authtok" is missing',
  },
  {
    title: 'a line that a remark before it seems to swallow',
    ...rewrite(
      recipeOf,
      '\nauth    requisite',
      '\n# see below \\\nauth sufficient pam_unix.so\nauth    requisite',
    ),
    severity: 'problem',
    says: 'leads around it',
  },
  {
    title: 'a blank that is none to PAM',
    ...rewrite(
      recipeOf,
      '\nauth    requisite pam_exec.so quiet',
      '\nauth    requisite\u00a0pam_exec.so quiet',
    ),
    severity: 'problem',
    says: 'never runs the verifier for a code',
  },
  {
    title: 'a line that another module may lead around',
    ...rewrite(
      recipeOf,
      '\nauth    requisite',
      '\nauth [success=ignore default=1] pam_succeed_if.so user ingroup wheel\nauth    requisite',
    ),
    severity: 'problem',
    says: 'leads around it',
  },
  {
    title: 'brackets that let one way of failing pass',
    ...rewrite(recipeOf, '\nauth    requisite', '\nauth [success=ok conv_err=ignore default=die]'),
    severity: 'problem',
    says: 'lets people in whose code is wrong',
  },
  {
    title: 'a failure that a later line forgives',
    breakIt: (host) => {
      edit(recipeOf(host), '\nauth    requisite', '\nauth    required')
      edit(recipeOf(host), PERMIT, `\nauth [default=reset] pam_warn.so${PERMIT}`)
    },
    healIt: (host) => edit(recipeOf(host), '\nauth [default=reset] pam_warn.so', ''),
    severity: 'problem',
    says: 'lets people in whose code is wrong',
  },
  {
    title: 'a first factor that is missing, taken for an excuse',
    ...rewrite(recipeOf, '--excused', '--first-factor-missing'),
    severity: 'problem',
    says: 'leads to a yes though neither password nor code was right',
  },
  {
    title: 'a line that PAM does not understand',
    ...rewrite(recipeOf, '\nauth    required pam_permit.so', '\nauht required pam_permit.so'),
    severity: 'problem',
    says: 'is not understood by PAM',
  },
  {
    title: 'a module that says yes to root, and under sshd everybody is root',
    breakIt: (host) =>
      host.write(
        'pam.d/sshd',
        'auth sufficient pam_rootok.so\n@include otpgate-key-then-code\n@include common-account\n',
      ),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'pam.d/sshd line 1 leads around it',
  },
  {
    title: 'the same before the account line',
    ...rewrite(
      recipeOf,
      '\naccount requisite',
      '\naccount sufficient pam_rootok.so\naccount requisite',
    ),
    severity: 'problem',
    says: 'is not always reached',
  },
  {
    title: 'an auth line that pam_exec skips',
    ...rewrite(recipeOf, 'quiet stdout expose_authtok', 'quiet stdout type=account expose_authtok'),
    severity: 'problem',
    says: '"type=account" on a line of "auth": pam_exec skips it',
  },
  {
    title: 'an account line that pam_exec skips',
    ...rewrite(
      recipeOf,
      '\naccount requisite pam_exec.so',
      '\naccount requisite pam_exec.so type=auth',
    ),
    severity: 'problem',
    says: '"type=auth" on a line of "account": pam_exec skips it',
  },
  {
    title: 'a program before the verifier, which runs in its place',
    ...rewrite(recipeOf, 'expose_authtok /', 'expose_authtok usr/bin/true /'),
    severity: 'problem',
    says: 'never runs the verifier for a code',
  },
  {
    title: "a module of somebody else's with a name of PAM's",
    ...rewrite(
      recipeOf,
      '\nauth    requisite',
      '\nauth [success=ignore default=1] /x/pam_permit.so\nauth    requisite',
    ),
    severity: 'problem',
    says: 'leads around it',
  },
  {
    title: 'a remark so long that PAM reads its end as a line',
    ...rewrite(
      recipeOf,
      '\nauth    requisite',
      `\n#${'x'.repeat(1022)}auth sufficient pam_permit.so\nauth    requisite`,
    ),
    severity: 'problem',
    says: 'is longer than the 1022 bytes',
  },
  {
    title: 'the same in a file that is included, joined by backslashes',
    ...rewrite(
      ({ places }) => `${places.pamDirectories[0]}/common-account`,
      'account requisite',
      `account \\\n${' '.repeat(600)}\\\n${' '.repeat(600)}requisite`,
    ),
    severity: 'problem',
    says: 'common-account line 4 is longer than the 1022 bytes',
  },
  {
    title: 'an account line that asks for an excuse',
    ...rewrite(recipeOf, '--account', '--excused'),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'a right code does not get past the account lines',
  },
  {
    title: 'an account line that asks whether a first factor is missing',
    ...rewrite(recipeOf, '--account', '--first-factor-missing'),
    severity: 'problem',
    says: 'a right code does not get past the account lines',
  },
  {
    title: 'an account line with a word too many',
    ...rewrite(recipeOf, '--account', '--account --nonsense'),
    severity: 'problem',
    says: 'the verifier does not understand what stands behind its path',
  },
  {
    title: 'a module in the place of the password that nobody knows',
    breakIt: (host) => {
      host.useRecipe('otpgate-password-then-code', '00-otpgate-password-then-code.conf')
      edit(commonAuthOf(host), 'pam_unix.so nullok', 'pam_of_theirs.so')
    },
    healIt: (host) => edit(commonAuthOf(host), 'pam_of_theirs.so', 'pam_unix.so nullok'),
    severity: 'warning',
    says: 'pam_of_theirs.so may say yes in the place of the password',
  },
  {
    title: 'a module in the place of the password that proves nothing',
    breakIt: (host) => {
      host.useRecipe('otpgate-password-then-code', '00-otpgate-password-then-code.conf')
      edit(commonAuthOf(host), 'pam_unix.so nullok', 'pam_rootok.so')
    },
    healIt: (host) => edit(commonAuthOf(host), 'pam_rootok.so', 'pam_unix.so nullok'),
    severity: 'problem',
    says: 'leads to a yes though neither password nor code was right',
  },
  {
    title: 'files that include each other over and over',
    breakIt: (host) => {
      for (const [index, next] of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].entries()) {
        host.write(`pam.d/${'abcdefgh'[index]}`, `account include ${next}\n`.repeat(8))
      }
      host.write('pam.d/i', 'account required pam_permit.so\n')
      host.write('pam.d/sshd', '@include otpgate-key-then-code\naccount include a\n')
    },
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'has too many lines',
  },
  {
    title: 'far too many lines',
    breakIt: (host) => host.write('pam.d/sshd', 'auth optional pam_permit.so\n'.repeat(200_000)),
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'pam.d/sshd has more than 65536 bytes',
  },
  {
    title: 'a FIFO in the place of a file',
    breakIt: ({ places }) => {
      renameSync(`${places.pamDirectories[0]}/sshd`, `${places.pamDirectories[0]}/sshd.away`)
      execFileSync('mkfifo', [`${places.pamDirectories[0]}/sshd`])
    },
    healIt: ({ places }) =>
      renameSync(`${places.pamDirectories[0]}/sshd.away`, `${places.pamDirectories[0]}/sshd`),
    severity: 'problem',
    says: 'pam.d/sshd is not a regular file',
  },
  {
    title: 'a mistake in brackets',
    ...rewrite(recipeOf, 'success=done default=ignore', 'success=done, default=ignore'),
    severity: 'problem',
    says: 'a right code at ',
  },
  {
    title: 'files that include each other',
    ...rewrite(
      ({ places }) => `${places.pamDirectories[0]}/common-account`,
      'account requisite',
      'account include sshd\naccount requisite',
    ),
    severity: 'problem',
    says: 'which is not there, or includes itself',
  },
  {
    title: "an account line behind the distribution's, where an expired password ends the stack",
    breakIt: (host) => {
      host.write(
        'pam.d/sshd',
        '@include ours-auth\naccount required pam_nologin.so\n@include common-account\naccount requisite pam_exec.so quiet ' +
          host.verifier +
          ' --account\n',
      )
      host.write(
        'pam.d/ours-auth',
        'auth requisite pam_exec.so quiet stdout expose_authtok ' +
          host.verifier +
          '\nauth required pam_permit.so\n',
      )
    },
    healIt: useUsualRecipe,
    severity: 'problem',
    says: 'is not always reached',
  },
])

describeOnHost('the check of PAM stack', (host) => {
  test.each([
    {
      how: 'in brackets',
      from: 'requisite pam',
      to: '[success=ok new_authtok_reqd=ok ignore=ignore default=die] pam',
    },
    {
      how: 'bad, and not the end',
      from: 'requisite pam',
      to: '[success=ok new_authtok_reqd=ok ignore=ignore default=bad] pam',
    },
    {
      how: 'with tabs',
      from: 'requisite pam_exec.so quiet',
      to: '\trequisite\tpam_exec.so\tquiet',
    },
    { how: 'over two lines', from: 'requisite pam', to: 'requisite \\\n# a remark\n  pam' },
    { how: 'in capitals', from: 'requisite pam', to: 'REQUISITE pam' },
    {
      how: 'with a full path',
      from: 'requisite pam_exec',
      to: 'requisite /lib/x86_64-linux-gnu/security/pam_exec',
    },
    {
      how: 'with a line of a module that may be missing',
      from: 'requisite pam_exec',
      to: 'optional pam_echo.so hello\n-auth optional pam_of_nobody.so\nauth requisite pam_exec',
    },
  ])('is content with a recipe $how', async ({ from, to }) => {
    edit(recipeOf(host()), `auth    ${from}`, `auth    ${to}`)
    expect(await host().complaints()).toEqual([])
  })

  test('sees through a substack', async () => {
    const file = `${host().places.pamDirectories[0]}/sshd`
    edit(
      file,
      '@include otpgate-key-then-code',
      'auth substack otpgate-key-then-code\naccount include otpgate-key-then-code',
    )
    expect(await host().complaints()).toEqual([])
    edit(recipeOf(host()), '\nauth    requisite', '\nauth    optional')
    expect(await host().complaints()).toEqual(['PAM stack: problem'])
  })

  test('says so of a service without a file', async () => {
    expect(await host().complaints('--service', 'nothing')).toEqual(['PAM stack: problem'])
  })
})
