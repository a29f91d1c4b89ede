import { edit, testAilments } from '../ailment.ts'

testAilments('root over SSH', [
  {
    title: 'a device of root that sshd never asks for',
    breakIt: async (host) => {
      await host.enrollRoot()
      edit(host.places.sshdConfig, 'RootLogin no', 'RootLogin prohibit-password')
    },
    healIt: ({ places }) => edit(places.sshdConfig, 'RootLogin prohibit-password', 'RootLogin yes'),
    severity: 'warning',
    says: 'PermitRootLogin is "without-password" (',
  },
])
