/** Brokers as containers, where there is no Java but a container engine that answers. */

import { chmod, mkdir } from 'node:fs/promises'
import { must, run } from './command.ts'
import { configOf, type Engine } from './engine.ts'
import { kafkaVersion } from './pom.ts'
import { spawnBound } from './process.ts'
import type { Seat } from './properties.ts'

const image = `apache/kafka:${kafkaVersion}`

/** An installed client proves nothing: the engine behind it must answer. */
export async function containerEngineAnswers(): Promise<boolean> {
  return (await run('docker', ['info', '--format', '{{.ServerVersion}}'])).code === 0
}

/** On the host's network, so that the ports and folders mean the same inside and outside. */
export function containerEngine(): Engine {
  return {
    name: 'docker',
    async format(seat, clusterId) {
      await mkdir(`${seat.folder}/data`, { recursive: true })
      await chmod(seat.folder, 0o777)
      await chmod(`${seat.folder}/data`, 0o777)
      const tool = ['kafka-storage.sh', 'format', '-t', clusterId, '-c', configOf(seat)]
      await must('docker', ['run', '--rm', ...sharing(seat), image, ...inKafka(tool)])
    },
    async start(seat, line) {
      const name = `quipu-${process.pid}-${seat.port}-${Date.now()}`
      const server = ['kafka-server-start.sh', configOf(seat)]
      const client = await spawnBound(
        'docker',
        ['run', '--rm', '--name', name, ...sharing(seat), image, ...inKafka(server)],
        seat.folder,
        line,
      )
      return {
        ...client,
        // A signal to the client would not reach a stopped or ignoring container.
        async signal(signal) {
          await run('docker', ['kill', `--signal=${signal}`, name])
        },
      }
    },
  }
}

function sharing(seat: Seat): string[] {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  const folder = `${seat.folder}:${seat.folder}`
  return ['--network=host', `--user=${user}`, `--volume=${folder}`, '--entrypoint=/bin/sh']
}

function inKafka(command: readonly string[]): string[] {
  return ['-c', `exec /opt/kafka/bin/${command.join(' ')}`]
}
