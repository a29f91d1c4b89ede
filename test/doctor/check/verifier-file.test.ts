import { chmodSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { describeOnHost, edit, mode, move, recipeOf, rewrite, testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const strangerOf = ({ verifier }: SickHost) => verifier.replace('program', 'x')

testAilments('verifier', [
  {
    title: 'a verifier that others can write',
    breakIt: (host) => {
      host.write('elsewhere/otpgate-verify', '#!/bin/sh\n', 0o755)
      chmodSync(host.verifier.replace('program/otpgate-verify', 'elsewhere'), 0o777)
      edit(
        recipeOf(host),
        `${host.verifier} --excused`,
        `${host.verifier.replace('program', 'elsewhere')} --excused`,
      )
    },
    healIt: (host) =>
      edit(
        recipeOf(host),
        `${host.verifier.replace('program', 'elsewhere')} --excused`,
        `${host.verifier} --excused`,
      ),
    severity: 'problem',
    says: '/elsewhere is writable by group or world',
  },
  {
    title: "a program of somebody else's with its name, which nobody but root can change",
    breakIt: (host) => {
      host.write('x/otpgate-verify', '#!/bin/sh\nexit 0\n', 0o755)
      edit(recipeOf(host), `expose_authtok ${host.verifier}`, `expose_authtok ${strangerOf(host)}`)
    },
    healIt: (host) => edit(recipeOf(host), strangerOf(host), host.verifier),
    severity: 'problem',
    says: 'which is not the verifier of this installation',
  },
  {
    title: 'a line that goes by another configuration',
    ...rewrite(recipeOf, '--account', '--account --config /other.toml'),
    severity: 'problem',
    says: 'logins there go by /other.toml, and what is examined is /',
  },
  {
    title: 'a verifier that is gone',
    ...move(({ verifier }) => verifier),
    severity: 'problem',
    says: 'program/otpgate-verify does not exist',
  },
  {
    title: 'a verifier that is not executable',
    ...mode(({ verifier }) => verifier, 0o644, 0o755),
    severity: 'problem',
    says: 'is not executable',
  },
])

describeOnHost('the check of verifier', (host) => {
  test('is content with the link that stays through an upgrade', async () => {
    const { verifier } = host()
    symlinkSync(dirname(verifier), verifier.replace('program/otpgate-verify', 'lasting'))
    const named = verifier.replace('program', 'lasting')
    edit(recipeOf(host()), `expose_authtok ${verifier}`, `expose_authtok ${named}`)
    expect(await host().complaints()).toEqual([])
  })

  test('is content with a line that names the examined configuration', async () => {
    edit(recipeOf(host()), '--account', `--account --config ${host().configFile}`)
    expect(await host().complaints()).toEqual([])
  })
})
