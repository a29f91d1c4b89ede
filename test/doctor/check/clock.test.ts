import { rewrite, testAilments } from '../ailment.ts'

testAilments('clock', [
  {
    title: 'a clock that nothing keeps right',
    ...rewrite(({ places }) => places.timedatectl, 'yes', 'no'),
    severity: 'warning',
    says: 'not synchronised',
  },
])
