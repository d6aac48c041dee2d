/**
 * Compile-time only: every field that this window reads from our own server is in the server's
 * OpenAPI document. The window's types stay by hand because they are narrower (states, modes, sides)
 * and because a plain Dograh leaves some fields out.
 */
import type { components } from './schema';
import type * as ours from './types';

type Theirs = components['schemas'];

/** An error here names the field that the server no longer sends. */
type Reads<Ours, Sent extends Record<keyof Ours, unknown>> = [Ours, Sent];

export type Conformance = [
  Reads<ours.AgentListItem, Required<Theirs['WorkflowListItem']>>,
  Reads<ours.AgentVersion, Required<Theirs['WorkflowVersion']>>,
  Reads<ours.ApiKey, Required<Theirs['ApiKey']>>,
  Reads<ours.Attempt, Required<Theirs['Attempt']>>,
  Reads<ours.Capabilities, Required<Theirs['Capabilities']>>,
  Reads<ours.ContextEntry, Required<Theirs['ContextEntry']>>,
  Reads<ours.CreatedApiKey, Required<Theirs['ApiKeyCreated']>>,
  Reads<ours.DeskCall, Required<Theirs['DeskCall']>>,
  Reads<ours.DeskEdge, Required<Theirs['DeskEdge']>>,
  Reads<ours.Exchange, Required<Theirs['Exchange']>>,
  Reads<ours.ExchangeField, Required<Theirs['ExchangeField']>>,
  Reads<ours.Destination, Required<Theirs['Destination']>>,
  Reads<ours.NewApiKey, Required<Theirs['ApiKeyCreate']>>,
  Reads<ours.Listener, Required<Theirs['Listener']>>,
  Reads<ours.PhoneNumber, Required<Theirs['PhoneNumber']>>,
  Reads<ours.Preview, Required<Theirs['Preview']>>,
  Reads<ours.PreviewSegment, Required<Theirs['Segment']>>,
  Reads<ours.PreviewVariable, Required<Theirs['Variable']>>,
  Reads<ours.ProblemAndFix, Required<Theirs['Trouble']>>,
  Reads<
    Omit<ours.Run, 'initial_context_text' | 'gathered_context_text' | 'raw_text'>,
    Required<Theirs['Run']>
  >,
  Reads<ours.RunPathStep, Required<Theirs['PathStep']>>,
  Reads<ours.RunEnd, Required<Theirs['End']>>,
  Reads<ours.RunSummary, Required<Theirs['RunSummary']>>,
  Reads<ours.ServerInfo, Required<Theirs['Server']>>,
  Reads<ours.Settings, Required<Theirs['Settings']>>,
  Reads<ours.TelephonyConfiguration, Required<Theirs['ConfigurationListItem']>>,
  Reads<ours.TimelineEntry, Required<Theirs['TimelineEntry']>>,
  Reads<ours.TranscriptLine, Required<Theirs['TranscriptLine']>>,
  Reads<ours.TriggerReply, Required<Theirs['TriggerReply']>>,
  Reads<ours.Warning, Required<Theirs['Warning']>>,
];
