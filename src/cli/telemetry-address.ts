/** `--metrics [HOST:]PORT`. */
import { InvalidArgumentError } from 'commander'

export interface Listen {
  readonly host: string
  readonly port: number
}

const PORT_MAX = 65_535

/** @throws InvalidArgumentError */
export function listenAddress(text: string): Listen {
  const [, v6, name, digits] =
    /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits ?? Number.NaN)
  if (!(port <= PORT_MAX))
    throw new InvalidArgumentError('Expected [HOST:]PORT, such as 127.0.0.1:9464; port 0: any.')
  return { host: v6 ?? name ?? '127.0.0.1', port }
}
