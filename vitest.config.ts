import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Cases of others, which are no part of this project and lie beside it where they lie at all. */
const conformance = ['test/conformance/**/*.test.ts']
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
          exclude: [...needsKafka, ...conformance],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: 'conformance', include: conformance, testTimeout: 120_000 },
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
