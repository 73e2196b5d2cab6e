/** Where a registry is, and how it is reached: an address without secrets. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, QuipuError } from '../base/errors.ts'

/** With a path that ends in `/`. @throws QuipuError: never with the address in it, if it has secrets */
export function registryAddress(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw wrong('the address of the registry is none')
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Name environment variables that hold them, and take them out of the address.'
    throw new QuipuError('CONFIG', 'the address of the registry holds a user or a password', {
      hint,
    })
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong(`a registry is not reached by ${url.protocol}`)
  }
  if (url.search !== '' || url.hash !== '') throw wrong('the address of the registry has a query')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** PEM. @throws QuipuError */
export function certificatesIn(file: string, workingFolder: string): string {
  let pem: string
  try {
    pem = readFileSync(resolve(workingFolder, file), 'utf8')
  } catch (cause) {
    const message = `the certificates of the registry cannot be read: ${messageOf(cause)}`
    throw new QuipuError('CONFIG', message, { cause, hint: 'Check the path of the CA file.' })
  }
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw new QuipuError('CONFIG', `${file} holds no certificate`, { hint: 'Give a file in PEM.' })
}

function wrong(message: string): QuipuError {
  return new QuipuError('CONFIG', message, { hint: 'Write it as registry:https://HOST[:PORT].' })
}
