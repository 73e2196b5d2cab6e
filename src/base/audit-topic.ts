/** Where frames go over Kafka unless told: agents, transport and pipeline file mean the same topic. */
export const AUDIT_TOPIC = 'quipu.tallies'
