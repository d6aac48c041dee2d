/**
 * One agent that is being edited: its draft as it stands on the screen, saved by itself a moment
 * after each change, with undo. The server is asked what is wrong after each save; what it refuses to
 * save stays on the screen. Which part of it is drawn is the page's business.
 */
import * as api from '$lib/api/agents';
import type { Definition } from '$lib/api/types';
import { coalesced } from '$lib/state/live.svelte';
import { same } from './definition';
import { History } from './history';
import { keepUnsaved, takeUnsaved } from './unsaved';

const SAVE_AFTER_MS = 500;
const NOTHING: Definition = { nodes: [], edges: [] };

export type SaveState = 'idle' | 'waiting' | 'saving' | 'saved' | 'failed';

export class AgentEditor {
  agent = $state.raw<api.Agent | null>(null);
  versions = $state.raw<api.ListedVersion[]>([]);
  types = $state.raw<api.NodeSpec[]>([]);
  trigger = $state.raw<api.Trigger | null>(null);
  definition = $state.raw<Definition>(NOTHING);
  problems = $state.raw<api.DefinitionProblem[]>([]);
  error = $state<unknown>(null);
  save = $state<SaveState>('idle');
  saveError = $state<unknown>(null);
  /** Edits that could not be saved before are here again; undo takes them away. */
  cameBack = $state(false);
  canUndo = $state(false);
  canRedo = $state(false);

  draft = $derived(this.versions.find((v) => v.status === 'draft') ?? null);
  published = $derived(this.versions.find((v) => v.status === 'published') ?? null);

  #history = new History<Definition>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | null = null;
  #closed = false;

  constructor(
    readonly instanceId: string,
    readonly id: number,
  ) {}

  /** Reads everything again; what is not saved yet stays. */
  readonly load = coalesced(() => this.read());

  async read(): Promise<void> {
    const { instanceId, id } = this;
    try {
      const [agent, versions, trigger, types] = await Promise.all([
        api.getAgent(instanceId, id),
        api.listAllVersions(instanceId, id),
        api.getTrigger(instanceId, id),
        this.types.length > 0 ? this.types : api.listNodeTypes(instanceId),
      ]);
      const problems = await api.problemsOf(instanceId, id);
      if (this.#closed) return;
      Object.assign(this, { agent, versions, trigger, types, error: null });
      if (this.#dirty) return;
      this.problems = problems;
      if (!same(agent.workflow_definition, this.definition)) {
        // Somebody else saved: their draft is what is edited now.
        this.definition = agent.workflow_definition;
        this.#history.clear();
        this.#historyChanged();
      }
      const unsaved = takeUnsaved(instanceId, id, agent.workflow_definition);
      if (unsaved) {
        this.edit(unsaved);
        this.cameBack = true;
      }
    } catch (error) {
      this.error = error;
    }
  }

  /** Changes the draft. Quick changes under one tag are undone together. */
  edit(next: Definition, tag = ''): void {
    if (next === this.definition) return;
    this.#history.keep(this.definition, tag, Date.now());
    this.#put(next);
  }

  undo(): boolean {
    return this.#step(this.#history.undo(this.definition));
  }

  redo(): boolean {
    return this.#step(this.#history.redo(this.definition));
  }

  /** Waits until everything is saved. False when something could not be. */
  async flush(): Promise<boolean> {
    while (this.#dirty && this.save !== 'failed') await this.#saveNow();
    return this.save !== 'failed';
  }

  async retry(): Promise<void> {
    this.save = 'waiting';
    await this.#saveNow();
  }

  close(): void {
    this.#closed = true;
    if (this.save === 'waiting') void this.#saveNow().then(() => this.#keepUnsaved());
    else this.#keepUnsaved();
  }

  #keepUnsaved(): void {
    const base = this.agent?.workflow_definition;
    if (this.save !== 'failed' || !base) return;
    keepUnsaved(this.instanceId, this.id, { base, edited: this.definition });
  }

  /** Whether something on the screen is nowhere else. */
  get unsaved(): boolean {
    return this.#dirty;
  }

  get #dirty(): boolean {
    return this.save === 'waiting' || this.save === 'saving' || this.save === 'failed';
  }

  #step(definition: Definition | null): boolean {
    if (definition) this.#put(definition);
    return definition !== null;
  }

  #put(definition: Definition): void {
    this.definition = definition;
    this.#historyChanged();
    this.save = 'waiting';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#saveNow(), SAVE_AFTER_MS);
  }

  #historyChanged(): void {
    this.canUndo = this.#history.canUndo;
    this.canRedo = this.#history.canRedo;
  }

  async #saveNow(): Promise<void> {
    clearTimeout(this.#timer);
    // One at a time, so that an older text never lands after a newer one.
    while (this.#saving) await this.#saving;
    if (this.save !== 'waiting') return;
    this.#saving = this.#send().finally(() => (this.#saving = null));
    await this.#saving;
  }

  async #send(): Promise<void> {
    const { instanceId, id } = this;
    const sent = this.definition;
    this.save = 'saving';
    try {
      const agent = await api.changeAgent(instanceId, id, { workflow_definition: sent });
      const [problems, versions, trigger] = await Promise.all([
        api.problemsOf(instanceId, id),
        api.listAllVersions(instanceId, id),
        api.getTrigger(instanceId, id),
      ]);
      Object.assign(this, { problems, versions, trigger, saveError: null });
      if (this.definition !== sent) {
        this.save = 'waiting';
        this.#timer = setTimeout(() => void this.#saveNow(), SAVE_AFTER_MS);
        return;
      }
      this.agent = agent;
      // The server may have made a trigger path, or masked a key.
      if (!same(agent.workflow_definition, sent)) this.definition = agent.workflow_definition;
      this.save = 'saved';
      // What was saved can be gone back to.
      this.#history.pause();
    } catch (error) {
      this.saveError = error;
      this.save = this.definition === sent ? 'failed' : 'waiting';
      if (this.save === 'waiting') this.#timer = setTimeout(() => void this.#saveNow(), SAVE_AFTER_MS);
      this.problems = api.problemsIn(error) ?? this.problems;
    }
  }
}
