/** Free ports on 127.0.0.1 that stay ours while a broker is down. */

import { createServer } from 'node:net'

/**
 * Below the range from which the kernel takes the ports of outgoing connections (32768 on Linux):
 * a killed broker must find its own port free when it comes back.
 */
const first = 20_000
const last = 32_000
const attemptsMax = 200

export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let attempt = 0; attempt < attemptsMax && found.size < count; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first))
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  if (found.size < count) throw new Error(`Expected ${count} free ports on 127.0.0.1`)
  return [...found]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
