/** Names in stored contexts that come from the server and not from the caller or the conversation. */

/** Put into every stored initial context (contract §1.6); a caller does not send them. */
export const SERVER_NAMES: ReadonlySet<string> = new Set(
  `provider direction phone_number trigger_mode telephony_configuration_id agent_identifier
   agent_identifier_type workflow_uuid from_phone_number_id agent_uuid api_key_id api_key_created_by
   called_number caller_number runtime_configuration mps_correlation_id`.split(/\s+/),
);

/** Put into the gathered context beside what the conversation gathered (contract §5.5). */
export const GATHERED_NAMES: ReadonlySet<string> = new Set(
  `provider triggered_by call_id trigger_uuid nodes_visited error call_disposition mapped_call_disposition
   call_tags trace_url call_uuid call_control_id call_leg_id call_session_id domain_id subscriber_id
   channel_name ext_channel_id bridge_id`.split(/\s+/),
);
