/** Where elements stand, and what they say. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { schemaOf } from './support.ts'

const text = `syntax = "proto3";
package shop.v1;

/* message Order { */ // message Order {
message Order {
  string id = 1; int32 total = 2 [json_name = "} ;"];
  map<string, int32> tags = 3;
  oneof by {
    string card = 4;
  }
  message Line { // one of many
    Order order = 1;
  }
  enum Color {
    RED = 0; reserved 5 to 9;
  }
  option (x) = { a: "{" b { c: 1 } };
  optional bool done = 5 [json_name = "\\"; }"]; int32 last = 6;
}
service Shop {
  rpc Buy(Order) returns (Order) { option deprecated = true; }
  rpc Sell(Order) returns (Order);
}
`
const engine = protobufEngine()
const schema = schemaOf(text)

describe('positions', () => {
  test.each([
    ['shop.v1.Order', 5, 1],
    ['shop.v1.Order.id', 6, 3],
    ['shop.v1.Order.total', 6, 18],
    ['shop.v1.Order.tags', 7, 3],
    ['shop.v1.Order.TagsEntry', 7, 3],
    ['shop.v1.Order.TagsEntry.value', 7, 3],
    ['shop.v1.Order.by', 8, 3],
    ['shop.v1.Order.card', 9, 5],
    ['shop.v1.Order.Line', 11, 3],
    ['shop.v1.Order.Line.order', 12, 5],
    ['shop.v1.Order.Color.RED', 15, 5],
    ['shop.v1.Order.done', 18, 3],
    ['shop.v1.Order.last', 18, 49],
    ['shop.v1.Shop.Buy', 21, 3],
    ['shop.v1.Shop.Sell', 22, 3],
    // Not there: what it would be in.
    ['shop.v1.Order.gone', 5, 1],
    ['shop.v1.Order.Line.gone.further', 11, 3],
    // A file: its package.
    ['orders.proto', 2, 1],
  ])('%s', (path, line, column) => {
    expect(engine.positionOf(schema, path)).toEqual({ line, column, source: 'orders.proto' })
  })

  test('of nothing at all', () => expect(engine.positionOf(schema, 'other.Thing')).toBeNull())

  test('in the file that declares it', () => {
    const both = schemaOf('import "b.proto"; message A { B b = 1; }', { 'b.proto': 'message B {}' })
    expect(engine.positionOf(both, 'B')?.source).toBe('b.proto')
  })
})

describe('fragments', () => {
  test.each([
    ['shop.v1.Order.id', 'string id = 1;'],
    ['shop.v1.Order.total', 'int32 total = 2 [json_name = "} ;"];'],
    ['shop.v1.Order.by', 'oneof by { string card = 4; }'],
    ['shop.v1.Order.Line', 'message Line { // one of many Order order = 1; }'],
    ['orders.proto', 'package shop.v1;'],
  ])('%s', (path, fragment) => expect(engine.fragmentOf(schema, path)).toBe(fragment))

  test('are cut', () => {
    const fragment = engine.fragmentOf(schema, 'shop.v1.Order')
    expect(fragment).toHaveLength(240)
    expect(fragment).toMatch(/^message Order \{.*…$/)
  })

  test('of what is not there', () => {
    expect(engine.fragmentOf(schema, 'shop.v1.Order.gone')).toBeNull()
  })
})
