/** Brokers as Java processes on this machine. */

import { must } from './command.ts'
import { configOf, type Engine } from './engine.ts'
import { fetchJars, formatCommand, javaFlags } from './jars.ts'
import { spawnBound } from './process.ts'

export async function javaEngine(log: (line: string) => void): Promise<Engine> {
  const { classPath, archive } = await fetchJars(log)
  const flags =
    archive === undefined
      ? javaFlags
      : [...javaFlags, `-XX:SharedArchiveFile=${archive}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off']
  return {
    name: 'java',
    async format(seat, clusterId) {
      await must('java', formatCommand(classPath, seat, clusterId))
    },
    start: (seat, line) =>
      spawnBound(
        'java',
        [...flags, '-cp', classPath, 'kafka.Kafka', configOf(seat)],
        seat.folder,
        line,
      ),
  }
}
