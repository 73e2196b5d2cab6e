/** Promotions that Avro allows and that do not keep every value. */
import type { Difference } from '../engine.ts'
import { riskAt } from './risk.ts'
import { riskRules } from './rules-risk.ts'
import type { Matched } from './walk.ts'

/** Digits beyond which whole numbers are rounded, by what they are read as. */
const LOSSY: ReadonlyMap<string, string> = new Map([
  ['int float', '2^24'],
  ['long float', '2^24'],
  ['long double', '2^53'],
])

/** Both ways: in a forward mode it is the old version that reads. */
export function promotionRisks(pair: Matched): readonly Difference[] {
  return [
    ...promotion(pair, pair.after.kind, pair.before.kind, 'new'),
    ...promotion(pair, pair.before.kind, pair.after.kind, 'old'),
  ]
}

function promotion(
  pair: Matched,
  reader: string,
  writer: string,
  version: 'new' | 'old',
): readonly Difference[] {
  const args = { written: writer, read: reader, reader: version }
  const limit = LOSSY.get(`${writer} ${reader}`)
  if (limit !== undefined) {
    const message = `The ${version} version reads ${writer} as ${reader}: whole numbers beyond ${limit} are rounded.`
    return [riskAt(riskRules.lossyPromotion, pair, message, args)]
  }
  if (writer === 'bytes' && reader === 'string') {
    const message = `The ${version} version reads bytes as text: what is not UTF-8 is read as something else.`
    return [riskAt(riskRules.bytesReadAsString, pair, message, args)]
  }
  return []
}
