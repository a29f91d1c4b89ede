import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Generous: real sshd, real argon2 and a busy machine. A test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more workers would only make the end-to-end tests wait for each other.
    maxWorkers: 2,
  },
})
