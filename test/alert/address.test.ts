import { describe, expect, it } from 'vitest'
import { type AddressKind, kindOf, refusal } from '../../src/alert/address.ts'

const addresses: readonly (readonly [string, AddressKind])[] = [
  ['8.8.8.8', 'public'],
  ['172.32.0.1', 'public'],
  ['2606:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd00::1', 'private'],
  // Where clouds hand out credentials, and other ways to write it.
  ['169.254.169.254', 'never'],
  ['::ffff:169.254.169.254', 'never'],
  ['::ffff:a9fe:a9fe', 'never'],
  ['fd00:ec2::254', 'never'],
  ['100.100.100.200', 'never'],
  ['192.0.0.192', 'never'],
  ['fe80::1', 'never'],
  ['0.0.0.0', 'never'],
  ['::', 'never'],
  ['255.255.255.255', 'never'],
  ['224.0.0.1', 'never'],
  // IPv4 in IPv6: what translates it would connect to loopback.
  ['64:ff9b::7f00:1', 'never'],
  ['2002:7f00:1::', 'never'],
  ['::7f00:1', 'never'],
  ['::ffff:0:169.254.169.254', 'never'],
  ['64:ff9b:1::a9fe:a9fe', 'never'],
  ['192.88.99.1', 'never'],
  // With the interface, as a resolver may say it.
  ['fe80::1%eth0', 'never'],
  // Not of the internet: documentation, routing by segments, and what nobody was given.
  ['3fff::1', 'never'],
  ['5f00::1', 'never'],
  ['4000::1', 'never'],
  ['localhost', 'never'],
  ['', 'never'],
]

describe('the kind of an address', () => {
  it.each(addresses)('%s is %s', (address, kind) => {
    expect(kindOf(address)).toBe(kind)
  })
})

describe('an address', () => {
  const why = (
    url: string,
    address: string,
    allow: ('loopback' | 'private')[] = [],
    plain = false,
  ) => refusal(new URL(url), address, { allow, plain })

  it('is meant where the file writes it', () => {
    expect(why('http://127.0.0.1:9093', '127.0.0.1')).toBeNull()
    expect(why('http://[::1]:9093', '::1')).toBeNull()
    expect(why('http://10.1.2.3/', '10.1.2.3')).toBeNull()
    expect(why('http://localhost:9093', '127.0.0.1')).toBeNull()
  })

  it('that a name leads to must be public, or allowed', () => {
    expect(why('https://relay.example', '8.8.8.8')).toBeNull()
    expect(why('https://relay.example', '10.1.2.3')).toMatch(/private.*allow: \[private\]/)
    expect(why('https://relay.example', '127.0.0.1')).toMatch(/loopback.*allow: \[loopback\]/)
    expect(why('https://relay.example', '10.1.2.3', ['private'])).toBeNull()
    expect(why('https://relay.example', '127.0.0.1', ['private'])).toMatch(/loopback/)
    expect(why('http://relay.example', '127.0.0.1', ['loopback'])).toBeNull()
  })

  it('that hands out credentials is refused, whoever writes or allows it', () => {
    expect(why('http://169.254.169.254', '169.254.169.254', ['loopback', 'private'])).toMatch(
      /no alert/,
    )
    expect(why('https://relay.example', '169.254.169.254', ['private'])).toMatch(/no alert/)
    expect(why('https://relay.example', 'fd00:ec2::254', ['private'])).toMatch(/no alert/)
  })

  it('that is public is spoken to in secret, unless the file says otherwise', () => {
    expect(why('http://relay.example', '8.8.8.8')).toMatch(/https.*plain: true/)
    expect(why('http://relay.example', '8.8.8.8', [], true)).toBeNull()
  })
})
