/**
 * Where alerts may go. The file is written by one, and names in it are resolved by others: an address
 * that a name leads to could be a machine's own services, or the one that hands out its credentials.
 *
 * Public addresses are fine. Loopback and private ones are where the file writes the address itself (or
 * `localhost`), since that is meant, or allows them. All else never is: link-local, where clouds answer
 * with credentials, and what is no address of one machine.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Reach } from '../config/alerting.ts'

export type AddressKind = 'public' | 'loopback' | 'private' | 'never'

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

const LOOPBACK = listOf(['127.0.0.0/8', '::1/128'])
const PRIVATE = listOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
])
const NEVER = listOf([
  // This network, link-local and metadata, protocol assignments, tests, benchmarks, multicast, reserved.
  ...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15'],
  // And what once led into 6to4.
  ...['198.51.100.0/24', '203.0.113.0/24', '192.88.99.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // Clouds that answer elsewhere: Alibaba (of 100.64/10), Oracle (of 192.0.0/24), Amazon (of fc00::/7).
  ...['100.100.100.200/32', 'fd00:ec2::254/128'],
  ...['::/128', '2001:db8::/32', '3fff::/20'],
  // IPv6 that carries an IPv4 address which another machine would connect to: 6to4, Teredo.
  ...['2002::/16', '2001::/32'],
])
/**
 * All of IPv6 that is given to machines of the internet. What lies outside is link-local, multicast,
 * translated (NAT64, SIIT) or of no use yet.
 */
const GLOBAL = listOf(['2000::/3'])
/** Checked by Node as the address that they carry. */
const MAPPED = listOf(['::ffff:0:0/96'])

export function kindOf(address: string): AddressKind {
  const version = isIP(address)
  if (version === 0) return 'never'
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (NEVER.check(address, family)) return 'never'
  if (LOOPBACK.check(address, family)) return 'loopback'
  if (PRIVATE.check(address, family)) return 'private'
  if (family === 'ipv4' || MAPPED.check(address, family)) return 'public'
  return GLOBAL.check(address, family) ? 'public' : 'never'
}

/** `[::1]` without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** Why an address must not be spoken to, or null. */
export function refusal(url: URL, address: string, { allow, plain }: Reach): string | null {
  const kind = kindOf(address)
  if (kind === 'never') return `${address} is an address to which no alert is sent`
  const host = hostOf(url)
  const isWritten = isIP(host) !== 0 || host === 'localhost'
  if (kind !== 'public' && !isWritten && !allow.includes(kind)) {
    return `${host} leads to ${address}, which is ${kind}: write the address itself, or \`allow: [${kind}]\``
  }
  if (url.protocol === 'http:' && kind === 'public' && !plain) {
    return `http to ${host} can be read on the way: use https, or say \`plain: true\``
  }
  return null
}
