import { describe, expect, it } from 'vitest'
import { ALERTING_DEFAULT, type AlertingConfig } from '../../src/config/alerting.ts'
import { issuesText } from '../../src/config/load.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { fileOf } from './corpus.ts'

function alertingOf(text: string, env: Record<string, string> = {}): AlertingConfig | undefined {
  const result = parseConfig(fileOf({ top: `alerting: ${text}` }), 'quipu.yaml', env)
  if (!result.ok) throw new Error(issuesText(result.issues, 'q'))
  return result.config.alerting
}

const routes = (target: string): string => `{ routes: [{ to: [${target}] }] }`

describe('alerting', () => {
  it('has its defaults where nothing is said', () => {
    expect(alertingOf('{}')).toEqual(ALERTING_DEFAULT)
  })

  it('keeps the names of variables below routes, set or not, and puts all others in', () => {
    const env = { HOOK: 'https://hush-hush.example', REPEAT: '2h' }
    const config = alertingOf(
      '{ repeat: "${REPEAT}", routes: [{ to: [{ webhook: { url: "${HOOK}", secret: "${NONE}" } }] }] }',
      env,
    )
    expect(config?.repeatMs).toBe(7_200_000)
    expect(config?.routes[0]?.to[0]).toMatchObject({ url: '${HOOK}', secret: '${NONE}' })
    expect(JSON.stringify(config)).not.toContain('hush-hush')
  })

  it.each([
    ['a secret', '{ webhook: { url: https://a.example, secret: hush-hush } }'],
    ['a secret with a variable in it', '{ webhook: { url: "${A}", secret: "hush-hush${B}" } }'],
    ['a routing key', '{ pagerduty: { routingKey: hush-hush } }'],
    ['a token', '{ alertmanager: { url: https://a.example, token: hush-hush } }'],
    ['an address of Slack', '{ slack: { webhook: https://hooks.example/hush-hush } }'],
    ['a password in an address', '{ webhook: { url: "https://me:hush-hush@a.example" } }'],
    ['a password beside a variable', '{ webhook: { url: "https://me:hush-hush@${HOST}" } }'],
  ])('refuses %s that is written out, with its line, and does not repeat it', (_, target) => {
    const said = (): unknown => alertingOf(routes(target))
    expect(said).toThrow(
      /q:2:\d+ `alerting\.routes\[0\]\.to\[0\]\.\w+\.\w+`: expected .*something else/,
    )
    expect(said).not.toThrow(/hush-hush/)
  })

  it('refuses a route that hides all below it', () => {
    const hook = '{ to: [{ webhook: { url: "${A}" } }] }'
    expect(() => alertingOf(`{ routes: [${hook}, ${hook}] }`)).toThrow(/q:2:22 this route takes/)
    expect(() =>
      alertingOf(`{ routes: [{ match: { kind: drift }, ${hook.slice(2)}, ${hook}] }`),
    ).not.toThrow()
  })

  it('refuses to repeat faster than anybody reads', () => {
    expect(() => alertingOf('{ repeat: 59s }')).toThrow(/`repeat`: expected `1m` or more/)
  })
})
