/** The `server.properties` of one broker: as little as a fast and small test cluster needs. */

export interface Seat {
  /** Also the index of the broker + 1: Kafka counts voters from 1. */
  readonly nodeId: number
  readonly port: number
  readonly controllerPort: number
  readonly folder: string
}

/** Every broker is a controller as well. `extra` wins over everything set here. */
export function serverProperties(
  seat: Seat,
  seats: readonly Seat[],
  extra: Readonly<Record<string, string>> = {},
): string {
  const count = seats.length
  const replicas = String(count)
  const inSync = count === 1 ? '1' : '2'
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(seat.nodeId),
    listeners: `PLAINTEXT://127.0.0.1:${seat.port},CONTROLLER://127.0.0.1:${seat.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${seat.port}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': seats
      .map((other) => `${other.nodeId}@127.0.0.1:${other.controllerPort}`)
      .join(','),
    'log.dirs': `${seat.folder}/data`,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    // The default costs 2.6 s at the first join of a group.
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.enable': 'false',
    // Moving leaders away first is only of use where there is somewhere to move them.
    'controlled.shutdown.enable': String(count > 1),
    // A killed broker is to be missed after 2 s, not 9, and to be taken back as fast.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    'num.network.threads': '1',
    'num.io.threads': '2',
    'background.threads': '1',
    ...extra,
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
