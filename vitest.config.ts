import { defineConfig, type ViteUserConfig } from 'vitest/config'

const needsKafka = ['test/integration/**/*.test.ts', 'test/testbed/**/*.test.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    env: { NO_COLOR: '1' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: needsKafka,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: needsKafka,
          globalSetup: ['test/support/global-setup.ts'],
          // Most of their time is waiting for deadlines; more than two files only make each other late.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})

export default config
