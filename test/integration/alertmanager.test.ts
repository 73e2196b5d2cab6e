/** A real Alertmanager is told of a loss: it fires there, it stays, and it is over there when it is over here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { render } from '../../src/alert/render.ts'
import { send } from '../../src/alert/send.ts'
import { AlertTeller } from '../../src/cli/audit-alerts.ts'
import {
  type Alertmanager,
  type ManagedAlert,
  startAlertmanager,
} from '../../src/testbed/alertmanager.ts'
import { event } from '../alert/build.ts'
import { HOSTILE } from '../reports/ci.ts'
import { alertingTo, NOW_OF_LOSS, storeOf, windowsOf } from '../support/alerting.ts'
import { isAlertmanagerMissing } from '../support/alertmanager.ts'

const MINUTE = 60_000

describe.skipIf(isAlertmanagerMissing)('a real Alertmanager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-alertmanager-'))
  let manager: Alertmanager
  beforeAll(async () => {
    manager = await startAlertmanager()
  })
  afterAll(async () => {
    await manager?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** It takes what it is sent, and shows it a moment later. */
  async function until(
    isSo: (alerts: readonly ManagedAlert[]) => boolean,
  ): Promise<readonly ManagedAlert[]> {
    for (let look = 0; ; look++) {
      const alerts = await manager.alerts()
      if (isSo(alerts) || look === 100) return alerts
      await sleep(50)
    }
  }

  it('hears that it fires, again while it does, and that it is over', async () => {
    let now = NOW_OF_LOSS
    const store = await storeOf(join(folder, 'store.db'), windowsOf('.x.'))
    try {
      const troubles: string[] = []
      const teller = new AlertTeller({
        alerting: alertingTo('', { routes: [{ to: [{ alertmanager: { url: manager.url } }] }] }),
        ...{ store, env: {}, clock: () => now },
        onTrouble: (text) => troubles.push(text),
      })
      const look = async (minutes: number): Promise<void> => {
        now += minutes * MINUTE
        await teller.turn(true)
        await teller.close(false)
      }
      await look(0)
      const [first, ...others] = await until((alerts) => alerts.length > 0)
      expect([troubles, others]).toEqual([[], []])
      expect(first?.labels).toEqual({
        ...{ alertname: 'QuipuObjective', key: 'flights/no-loss', kind: 'objective' },
        ...{ severity: 'page', pipeline: 'flights', objective: 'no-loss', team: 'network-ops' },
      })
      expect(first?.annotations.summary).toMatch(/no-loss is breached: completeness, 1 bad event$/)

      // Its end is where nobody would tell it any more: each telling moves it on.
      await look(1)
      const later = await until(([alert]) => alert?.endsAt !== first?.endsAt)
      expect(later).toHaveLength(1)
      expect(Date.parse(later[0]?.endsAt ?? '')).toBeGreaterThan(Date.parse(first?.endsAt ?? ''))

      await look(2)
      expect(await until((alerts) => alerts.length === 0)).toEqual([])
      expect(troubles).toEqual([])
    } finally {
      await store.close()
    }
  })

  it('takes whatever names there are', async () => {
    const reach = { allow: [], plain: false }
    const target = { kind: 'alertmanager' as const, url: manager.url, token: null, ...reach }
    for (const [i, text] of HOSTILE.entries()) {
      const hostile = event({
        key: `${i} ${text}`,
        pipeline: text,
        edge: text,
        owner: { team: text },
      })
      expect(await send(render(target, hostile, NOW_OF_LOSS), reach)).toMatchObject({ text: '200' })
    }
    const alerts = await until(({ length }) => length === HOSTILE.length)
    expect(alerts).toHaveLength(HOSTILE.length)
  })
})
