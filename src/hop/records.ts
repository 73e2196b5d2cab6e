/**
 * The sums that say how many records agents have counted at a hop, behind it the rate at which they were
 * counted: they stand under no pipeline, and under the key of the hop.
 */
export const RECORDS = 'records.'
