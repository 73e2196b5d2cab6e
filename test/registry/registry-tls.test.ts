import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegistryAccess } from '../../src/registry/access.ts'
import { openRegistry } from '../../src/registry/open.ts'
import { remove, temporaryFolder } from '../evolution/sources/folder-on-disk.ts'
import { type FakeRegistry, startFakeRegistry } from '../support/fake-registry.ts'

const program = process.env.OPENSSL ?? 'openssl'
const isOpensslMissing = spawnSync(program, ['version']).status !== 0

describe.skipIf(isOpensslMissing)('a registry behind TLS (needs openssl)', () => {
  let folder: string
  let registry: FakeRegistry

  beforeAll(async () => {
    folder = temporaryFolder()
    makeCertificate('server')
    makeCertificate('other')
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    registry = await startFakeRegistry({
      tls: { key: read('server.key'), cert: read('server.crt') },
      subjects: { a: [{ schema: '"int"' }] },
    })
  })

  afterAll(async () => {
    await registry.close()
    remove(folder)
  })

  /** Signed by itself, for this machine's own address. */
  function makeCertificate(name: string): void {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
    const args = ['req', '-x509', ...curve, '-nodes', '-days', '2', ...subject, ...files]
    execFileSync(program, args, { cwd: folder, stdio: 'pipe' })
  }

  async function subjects(access: RegistryAccess): Promise<readonly string[]> {
    const options = { url: registry.url, workingFolder: folder, env: {} }
    const opened = openRegistry({ ...options, access: { retriesMax: 3, ...access } })
    try {
      return await opened.subjects()
    } finally {
      opened.close()
    }
  }

  it('is believed with its own CA', async () => {
    expect(await subjects({ caFile: 'server.crt' })).toEqual(['a'])
  })

  it.each<[string, RegistryAccess]>([
    ['without it', {}],
    ['with another one', { caFile: 'other.crt' }],
  ])('is not believed %s, and not asked again', async (_what, access) => {
    const before = registry.requests.length
    await expect(subjects(access)).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringMatching(/^the registry at .* does not answer: .*certificate/),
    })
    expect(registry.requests).toHaveLength(before)
  })

  it('whose CA file is not there, or holds none, is not asked', async () => {
    writeFileSync(join(folder, 'empty.pem'), 'nothing')
    await expect(subjects({ caFile: 'gone.pem' })).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(subjects({ caFile: 'empty.pem' })).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'empty.pem holds no certificate',
    })
  })
})
