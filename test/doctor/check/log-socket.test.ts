import { move, testAilments } from '../ailment.ts'

testAilments('system log', [
  {
    title: 'no system log',
    ...move(({ places }) => places.logSocket),
    severity: 'warning',
    says: '/log is not there',
  },
])
