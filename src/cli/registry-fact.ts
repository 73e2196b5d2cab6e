/** What the auditor leaves in the store of the words of registries: facts by the address of each. */
import type { RegistryFacts } from '../drift/registry-facts.ts'

/** Of a store that has none: nothing is known. */
export function registryFactsOf(fact: unknown): Readonly<Record<string, RegistryFacts>> {
  return typeof fact === 'object' && fact !== null ? (fact as Record<string, RegistryFacts>) : {}
}
