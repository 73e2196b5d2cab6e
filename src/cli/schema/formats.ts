/** What a check of schemas can be written as. */
export const schemaFormatNames = [
  'text',
  'json',
  'junit',
  'sarif',
  'github',
  'gitlab',
  'markdown',
] as const
export type SchemaFormatName = (typeof schemaFormatNames)[number]
