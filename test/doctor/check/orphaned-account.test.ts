import { edit, passwdOf, rewrite, testAilments } from '../ailment.ts'

const ROOT_LINE = 'root:x:0:0:root:/root:/bin/bash\n'

testAilments('uids', [
  {
    title: 'another uid than at enrolment',
    ...rewrite(passwdOf, 'alice:x:1000:', 'alice:x:1001:'),
    severity: 'problem',
    says: '1 account with another uid than at enrolment: alice',
  },
  {
    title: 'somebody who has left',
    breakIt: async (host) => {
      await host.enrollRoot()
      edit(passwdOf(host), ROOT_LINE, '')
    },
    healIt: (host) => edit(passwdOf(host), 'daemon:', `${ROOT_LINE}daemon:`),
    severity: 'warning',
    says: '1 account of nobody in the passwd database: root',
  },
])
