/** What is sent: to where, with which headers, and the body. */

import { visibleJson } from '../../base/visible.ts'

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const JSON_TYPE = 'application/json; charset=utf-8'

/** The same data, with nothing hidden in its text: bodies end up in logs. */
export const jsonText = (value: unknown): string => visibleJson(JSON.stringify(value))
