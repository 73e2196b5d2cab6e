import { expect, test } from 'vitest'
import { protobufWork } from '../../../src/drift/read/protobuf-work.ts'

const FIELD = 'int32 a = 1;'

test.each([
  ['nothing', '', 0],
  ['fields of one message', `message M { ${FIELD.repeat(10)} }`, 100 + 1 / 16],
  ['of two, each by itself', `message M { ${FIELD.repeat(10)} }`.repeat(2), 200 + 4 / 16],
  [
    'of one within the other',
    `message M { ${FIELD.repeat(9)} message N { ${FIELD} } }`,
    101 + 1 / 16,
  ],
  [
    'a oneof belongs to its message',
    `message M { ${FIELD.repeat(4)} oneof o { ${FIELD.repeat(5)} } }`,
    100 + 1 / 16,
  ],
  ['numbers that are reserved', 'message M { reserved 1, 2, 3; }', 9 + 1 / 16],
  ['extensions, all together', `extend M { ${FIELD.repeat(5)} }`.repeat(2), 100 + 4 / 16],
  ['symbols of an enum', `enum E { ${'A = 0;'.repeat(8)} }`, 1 + 1 / 16],
  [
    'no comments and no texts',
    `message M { // ;;;\n/* ;;; */ string a = 1 [default = ";\\";"]; }`,
    1 + 1 / 16,
  ],
  ['what is never closed', `message M { ${FIELD.repeat(10)}`, 100 + 1 / 16],
  ['what was never opened', '}}};', 1 / 16],
])('%s', (_, text, pairs) => {
  expect(protobufWork([text])).toBe(pairs)
})

test('extensions of all texts go together', () => {
  const text = `extend M { ${FIELD.repeat(5)} }`
  expect(protobufWork([text, text])).toBe(100 + 2 / 16)
})
