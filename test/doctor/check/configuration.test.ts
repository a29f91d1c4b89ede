import { rewrite, testAilments } from '../ailment.ts'

testAilments('configuration', [
  {
    title: 'a configuration with a mistake',
    ...rewrite(({ configFile }) => configFile, '[store]', '[stor]'),
    severity: 'problem',
    says: 'otpgate.toml line 1',
  },
])
