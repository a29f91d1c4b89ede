import { defineConfig } from 'vitest/config'

/** What both fronts have to hold, once more by way of client and daemon: what races, and what breaks. */
const BY_DAEMON = [
  'test/break/{broken-disk,broken-file,hostile-environment,hostile-input,sameness}.test.ts',
  'test/break/{scarce-resource,secret-leak}.test.ts',
  'test/e2e/{parallel-bypass,parallel-code,throttle,replay,recovery-code,ticket}.test.ts',
  'test/e2e/{auth-log,break-glass,group-first,no-device,one-factor,pam-environment}.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'direct', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'daemon', include: BY_DAEMON, env: { OTPGATE_TEST_FRONT: 'daemon' } },
      },
    ],
    // Generous: real sshd, real argon2 and a busy machine. A test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more workers would only make the end-to-end tests wait for each other.
    maxWorkers: 2,
  },
})
