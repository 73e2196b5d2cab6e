/** The engine of `quipu audit` without brokers: how it ends where the store takes nothing. */
import { expect, it } from 'vitest'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { Agent } from '../../src/hop/agent.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { storeError } from '../../src/store/sqlite-errors.ts'
import type { Store } from '../../src/store/store.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'
import { DEADLINE, HOPS, id, PIPELINE, W } from '../reconcile/build.ts'

/** A store that refuses what `refuses` names; of that, what it was asked for. */
async function refusing(refuses: Set<string>): Promise<{ store: Store; refused: string[] }> {
  const inner = await openSqliteStore(':memory:')
  const refused: string[] = []
  const store: Store = new Proxy(inner, {
    get: (target, name) => {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (!refuses.has(String(name))) return value.bind(target)
      return async () => {
        refused.push(String(name))
        throw storeError('x', Object.assign(new Error('full'), { code: 'SQLITE_FULL' }))
      }
    },
  })
  return { store, refused }
}

/** An engine, and an agent that it hears. */
async function started(store: Store): Promise<{ agent: Agent; engine: AuditEngine }> {
  const transport = new MemoryTransport()
  const agent = new Agent({
    ...{ service: 'a', sender: transport.sender(), timer: false, clock: () => W },
  })
  const engine = await AuditEngine.start({
    ...{ pipelines: [PIPELINE], store, reader: transport.reader(), kafkas: new Map() },
    clock: () => DEADLINE + 1,
  })
  return { agent, engine }
}

it('judges no more at its end where the store has just taken no frame', async () => {
  const refuses = new Set(['saveVerdicts'])
  const { store, refused } = await refusing(refuses)
  const { agent, engine } = await started(store)
  agent.recorder(HOPS.flights, 'passed').add(id(1), 0, 0)
  await agent.flush()
  await expect(engine.turn(10)).rejects.toThrow('store x is full')
  agent.recorder(HOPS.flights, 'passed').add(id(2), 0, 1)
  await agent.flush()
  refuses.add('fold')
  await expect(engine.close()).rejects.toThrow('store x is full')
  expect(refused).toEqual(['saveVerdicts', 'fold'])
})

it('says what the store says, while it reads on as well', async () => {
  const refuses = new Set(['fold'])
  const { store } = await refusing(refuses)
  const { agent, engine } = await started(store)
  agent.recorder(HOPS.flights, 'passed').add(id(1), 0, 0)
  await agent.flush()
  await expect(engine.caughtUp()).rejects.toThrow('store x is full')
  refuses.clear()
  expect(await engine.caughtUp()).toBe(true)
  agent.recorder(HOPS.flights, 'passed').add(id(2), 0, 1)
  await agent.flush()
  refuses.add('fold')
  await expect(engine.seenUntil()).rejects.toThrow('store x is full')
  refuses.clear()
  expect(await engine.seenUntil()).toBe(DEADLINE + 1)
  await engine.close()
})
