import { chmodSync } from 'node:fs'
import { edit, mode, move, recipeOf, testAilments } from '../ailment.ts'

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
