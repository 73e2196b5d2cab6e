/** Names of the facts that an auditor leaves in the store for those who read it. */

/** The audited pipelines, as declared. */
export const PIPELINES_FACT = 'pipelines'
/** What they promise. */
export const PROMISES_FACT = 'promises'
/** ms: until when everything that was written has been taken and judged. */
export const SEEN_UNTIL_FACT = 'seen-until'
/** What registries said of the schemas on the wire, by their address. */
export const REGISTRY_FACT = 'registry'
/** How far groups are behind, and from where on logs still have what they have not read, over a day. */
export const LAGS_FACT = 'lags'
