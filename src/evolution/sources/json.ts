/** JSON as a value, read the way schemas are written: with comments. Nothing here is recursive. */
import { stripComments } from 'jsonc-parser'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Undefined: it is no JSON. */
export function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    // Comments perhaps.
  }
  try {
    return JSON.parse(stripComments(text, ' ')) as Json
  } catch {
    return undefined
  }
}

export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
