/** The process of one service of a game day. Its plan is the file that it is given. */
import { readFileSync } from 'node:fs'
import { isGroup, isProducer } from './day.ts'
import { GroupService } from './kafka-group.ts'
import { Life } from './kafka-life.ts'
import type { WorkerPlan } from './kafka-plan.ts'
import { ProducerService } from './kafka-producer.ts'

async function live(path: string): Promise<void> {
  const plan = JSON.parse(readFileSync(path, 'utf8')) as WorkerPlan
  const life = new Life(plan)
  for (const hop of plan.day.hops) {
    if (isProducer(hop) && hop.service === plan.service) await new ProducerService(life, hop).run()
    if (isGroup(hop) && hop.service === plan.service) await new GroupService(life, hop).run()
  }
}

await live(process.argv[2] ?? '')
