import { passwdOf, rewrite, testAilments } from '../ailment.ts'

testAilments('people without a second factor', [
  {
    title: 'somebody whom otpgate does not know',
    ...rewrite(passwdOf, '/usr/sbin/nologin', '/bin/zsh'),
    severity: 'warning',
    says: '1 login shell without an account here: daemon',
  },
])
