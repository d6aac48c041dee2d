/**
 * What the window needs from whatever it runs in. A page in a browser and the desktop window differ
 * only behind this interface; everything else in the window asks what an *instance* can do.
 */

export type InstanceKind = 'local' | 'switchhook' | 'dograh';

export interface Instance {
  /** `local` is this computer. */
  id: string;
  name: string;
  /** Null for this computer, whose address the server tells. */
  url: string | null;
  colour: string;
  /** Null until a connection told what answers there. */
  kind: InstanceKind | null;
  /** Whether the keychain holds an API key for it. The key itself never comes here. */
  has_key: boolean;
}

export interface InstanceDraft {
  id?: string;
  name: string;
  url: string;
  colour: string;
  /** Left out to keep the stored key. */
  api_key?: string;
}

export type InstanceTest = { id: string } | { url: string; api_key: string };

export interface InstanceTestResult {
  outcome: 'ok' | 'wrong-url' | 'wrong-key' | 'no-network' | 'tls' | 'secret-store-unavailable';
  product: 'switchhook' | 'dograh' | null;
  version: string | null;
  message: string;
}

export interface SavedTrigger {
  id: string | number;
  name: string;
  url: string;
}

/** One hint from an instance: something of this kind changed, read it again. */
export interface LiveEvent {
  event: 'run' | 'desk-phone' | 'agent' | 'telephony' | 'key' | 'settings' | 'resync';
  kind: string;
  id: number | string | null;
  run_id: number | null;
}

export interface Subscription {
  close(): void;
}

/** A call that goes on in the desktop program. */
export interface LiveCall {
  run_id: number;
  state: string;
  number: string;
  agent: string;
  mode: string;
  /** Ends with the program; a carrier's call does not. */
  on_desk: boolean;
}

/** What the desktop program says by itself. */
export type ShellMessage =
  | { kind: 'prefill'; number: string }
  | { kind: 'quit-asked'; calls: LiveCall[] }
  | { kind: 'fire-again'; run_id: number }
  | { kind: 'show-run'; run_id: number };

export type WhenNotified = 'never' | 'away' | 'always';

/** What the desktop program does on this computer beyond its window. */
export interface DesktopPreferences {
  notifications: WhenNotified;
  /** A chord, or null for none. */
  raise_keys: string | null;
  raise_problem: string | null;
  /** How large the window shows things, in percent. */
  zoom: number;
  starts_with_session: boolean;
}

/** A step larger or smaller, or a number of percent. */
export type Zoom = 'in' | 'out' | { to: number };

export type PreferenceChange =
  | { notifications: WhenNotified }
  | { raise_keys: string | null }
  | { zoom: Zoom }
  | { starts_with_session: boolean };

export interface Transport {
  readonly host: 'browser' | 'desktop';
  /** Like `fetch`, for a path below `/api/` of an instance. Rejects with `Unreachable`. */
  fetch(instanceId: string, path: string, init?: RequestInit): Promise<Response>;
  /**
   * Live events of one instance, resumed by themselves. After a gap that could not be filled a
   * `resync` comes: read everything again.
   */
  subscribe(
    instanceId: string,
    onEvent: (event: LiveEvent) => void,
    onConnected: (connected: boolean) => void,
  ): Subscription;
  copyText(text: string): Promise<void>;
  /** Copies, and takes it out again after 30 s, if it lies there still; false where nobody will. */
  copySecret(text: string): Promise<boolean>;
  instances(): Promise<Instance[]>;
  saveInstance(draft: InstanceDraft): Promise<Instance>;
  removeInstance(id: string): Promise<void>;
  testInstance(test: InstanceTest): Promise<InstanceTestResult>;
  savedTriggers(instanceId: string): Promise<SavedTrigger[]>;
  saveTrigger(instanceId: string, url: string, name: string): Promise<void>;
  removeTrigger(id: SavedTrigger['id']): Promise<void>;
  /** A text as a file that the person names. False when they thought better of it. */
  saveFile(name: string, text: string, type: string): Promise<boolean>;
  /** Hears what the program around the window says; a browser says nothing. */
  listen(onMessage: (message: ShellMessage) => void): void;
  /** The answer to `quit-asked`. */
  answerQuit(yes: boolean): void;
  /** Null where there is no program around the window. */
  preferences(): Promise<DesktopPreferences | null>;
  prefer(change: PreferenceChange): Promise<DesktopPreferences | null>;
  /** Told once, when a person can use the window. */
  ready(): void;
}

/** No answer came at all; whether the request arrived is not known. */
export class Unreachable extends Error {
  constructor(
    /** What the network layer said, for the details. */
    readonly cause_text: string,
    /** The shell's word for it, such as `tls` or `secret-store-unavailable`, where it has one. */
    readonly code: string | null = null,
  ) {
    super(cause_text);
    this.name = 'Unreachable';
  }
}
