/** Fetches the broker's jars once, and an archive of its loaded classes that halves the start. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QuipuError } from '../base/errors.ts'
import { cacheFolder } from './cache.ts'
import { must, run } from './command.ts'
import { configOf } from './engine.ts'
import { withLock } from './lock.ts'
import { kafkaVersion, pom } from './pom.ts'
import { freePorts } from './ports.ts'
import { spawnBound } from './process.ts'
import { type Seat, serverProperties } from './properties.ts'
import { untilReady } from './ready.ts'

export interface Jars {
  /** Explicit, in a fixed order: a wildcard would not match the one stored in the archive. */
  readonly classPath: string
  /** Undefined where it could not be made: the broker starts without it, slower. */
  readonly archive: string | undefined
}

/** Short-lived, small brokers: the second compiler never pays back. */
export const javaFlags: readonly string[] = [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
]

/** Which of `java` and `mvn` cannot be started here. */
export async function missingTools(): Promise<string[]> {
  const tools = [
    ['java', '-version'],
    ['mvn', '--version'],
  ] as const
  const outcomes = await Promise.all(tools.map(([tool, flag]) => run(tool, [flag])))
  return tools.flatMap(([tool], i) => (outcomes[i]?.code === 0 ? [] : [tool]))
}

export async function fetchJars(log: (line: string) => void): Promise<Jars> {
  const folder = join(cacheFolder(), `${kafkaVersion}-${digest(pom)}`)
  const javaVersion = await must('java', ['-version'])
  // The JVM refuses an archive made by another version or for another class path.
  const archive = join(folder, `classes-${digest(javaVersion + folder)}.jsa`)
  const jars = join(folder, 'jars')
  if (!existsSync(jars) || !existsSync(archive)) {
    await withLock(`${folder}.lock`, async () => {
      if (!existsSync(jars)) await download(jars, log)
      if (!existsSync(archive)) await record(await classPathOf(jars), archive, log)
    })
  }
  return {
    classPath: await classPathOf(jars),
    archive: existsSync(archive) ? archive : undefined,
  }
}

async function download(jars: string, log: (line: string) => void): Promise<void> {
  log(`Fetching Apache Kafka ${kafkaVersion} from Maven Central (44 MB, once)`)
  // Whatever happens to the lock, two downloads never share a folder.
  const partial = `${jars}.${process.pid}`
  await mkdir(partial, { recursive: true })
  await writeFile(join(partial, 'pom.xml'), pom)
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime']
  try {
    await must('mvn', ['-q', '-B', ...goal, `-DoutputDirectory=${partial}`], partial)
  } catch (cause) {
    await rm(partial, { recursive: true, force: true })
    throw new QuipuError('MISSING_PART', 'Maven could not fetch Apache Kafka', {
      hint: 'Check that Maven Central (or your mirror in ~/.m2/settings.xml) can be reached, or set KAFKA_BROKERS to a running broker.',
      cause,
    })
  }
  await rename(partial, jars).catch(async (error: unknown) => {
    if (!existsSync(jars)) throw error
    await rm(partial, { recursive: true, force: true })
  })
}

async function classPathOf(jars: string): Promise<string> {
  const names = (await readdir(jars)).filter((name) => name.endsWith('.jar')).sort()
  return names.map((name) => join(jars, name)).join(':')
}

/** One start and orderly stop of a broker under a JVM that writes down what it loaded. */
async function record(
  classPath: string,
  archive: string,
  log: (line: string) => void,
): Promise<void> {
  log('Recording the classes of the broker (once)')
  const folder = await mkdtemp(join(tmpdir(), 'quipu-kafka-'))
  const partial = `${archive}.${process.pid}`
  try {
    const [port, controllerPort] = (await freePorts(2)) as [number, number]
    const seat: Seat = { nodeId: 1, port, controllerPort, folder }
    await writeFile(configOf(seat), serverProperties(seat, [seat]))
    await must('java', formatCommand(classPath, seat, 'AAAAAAAAAAAAAAAAAAAAAA'))
    const flags = [...javaFlags, `-XX:ArchiveClassesAtExit=${partial}`, '-Xlog:cds=error']
    const broker = await spawnBound(
      'java',
      [...flags, '-cp', classPath, 'kafka.Kafka', configOf(seat)],
      folder,
      () => {},
    )
    try {
      await untilReady({ brokers: [`127.0.0.1:${port}`], nodes: [1], abandoned: broker.isGone })
      await broker.signal('SIGTERM')
      await broker.gone
    } finally {
      await broker.signal('SIGKILL')
    }
    if (existsSync(partial)) await rename(partial, archive)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function formatCommand(classPath: string, seat: Seat, clusterId: string): string[] {
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format']
  return [...javaFlags, ...tool, '-t', clusterId, '-c', configOf(seat)]
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
