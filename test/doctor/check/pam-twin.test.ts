import { rewrite, testAilments } from '../ailment.ts'

testAilments('sudo and su', [
  {
    title: 'sudo without sudo-i',
    ...rewrite(
      ({ places }) => `${places.pamDirectories[0]}/sudo-i`,
      '\n@include otpgate-code',
      '\n@include common-auth',
    ),
    severity: 'problem',
    says: '"sudo" asks for a code, and "sudo-i" does not',
  },
])
