/**
 * What can be done from anywhere, as a list: every entry says what it is and does it. Finding among
 * them is `find`; drawing is the palette's.
 */
import type { Mode } from '$lib/api/types';
import { readableNumber } from '$lib/state/spelling.svelte';
import { placesOf } from '$lib/shell/places';
import type { Action } from '$lib/shortcuts/table';
import type { App } from '$lib/state/app.svelte';
import type { ThemeChoice } from '$lib/state/theme.svelte';
import { w } from '$lib/words';
import { match } from './fuzzy';

export type Group = keyof typeof w.palette.groups;

export interface Entry {
  id: string;
  group: Group;
  label: string;
  /** Words a person may look for that do not stand in the label. */
  beside?: string;
  /** Said behind the label: what it is about, or why it cannot be done now. */
  note?: string;
  action?: Action;
  colour?: string;
  mode?: Mode;
  run: () => void;
}

export interface Found {
  entry: Entry;
  /** Indexes of the label's letters that were meant. */
  at: number[];
}

/** More than anybody reads; a better question finds the rest. */
const MOST = 40;

export function entriesOf(app: App): Entry[] {
  return [...doings(app), ...agents(app), ...pages(app), ...instances(app), ...ofTheWindow(app)];
}

/** Entries for the question, best first within their groups' first appearance. */
export function find(entries: Entry[], question: string, app: App): Found[] {
  const direct = [...byNumber(question, app)].map((entry) => ({ entry, at: [], score: Infinity }));
  const named = entries.flatMap((entry) => {
    const found = match(question, entry.label, `${entry.beside ?? ''} ${entry.note ?? ''}`);
    return found ? [{ entry, at: found.at, score: found.score }] : [];
  });
  // Without a question the order is the list's own.
  if (question.trim() !== '') named.sort((a, b) => b.score - a.score);
  return [...direct, ...named].slice(0, MOST);
}

function doings(app: App): Entry[] {
  const { fire, desk } = app;
  const here = app.route.page === 'fire';
  const about = [fire.target?.name, fire.number.value === '' ? '' : readableNumber(fire.number.value)];
  const beside = w.palette.keywords.do;
  const entries: Entry[] = [];
  if (desk.call?.state === 'ringing') {
    entries.push(
      {
        id: 'answer',
        group: 'do',
        label: w.desk.answer,
        note: desk.call.agent,
        run: () => void desk.answer(),
      },
      {
        id: 'decline',
        group: 'do',
        label: w.desk.decline,
        note: desk.call.agent,
        run: () => void desk.decline(),
      },
    );
  } else if (desk.call) {
    entries.push({
      id: 'hang-up',
      group: 'do',
      label: w.desk.hangUp,
      note: desk.call.agent,
      run: () => void desk.hangUp(),
    });
  }
  entries.push({
    id: 'fire',
    group: 'do',
    label: w.fire.button(fire.mode),
    beside,
    note: here ? (fire.reason ?? about.filter((part) => part).join(' · ')) : w.palette.goFirst,
    action: 'fire',
    mode: fire.mode,
    // What is not on the screen is not placed: the form comes first.
    run: () => {
      if (here) app.shortcuts.run('fire');
      else app.go({ page: 'fire', agent: fire.target?.key ?? null });
    },
  });
  for (const mode of ['test', 'production'] as const) {
    if (fire.routeOf(mode) === null || app.base === null) continue;
    entries.push({
      id: `copy-${mode}`,
      group: 'do',
      label: w.fire.copyUrl(mode),
      beside,
      note: fire.target?.name,
      action: mode === 'test' ? 'copyTest' : 'copyProduction',
      mode,
      run: () => void app.copyUrl(mode),
    });
  }
  entries.push({
    id: 'number',
    group: 'do',
    label: w.shortcuts.names.number,
    beside,
    action: 'number',
    run: () => app.shortcuts.run('number'),
  });
  return entries;
}

function agents(app: App): Entry[] {
  const edits = app.instances.profile?.product === 'switchhook';
  return app.agents.targets.flatMap((target) => {
    const { agent } = target;
    const fired: Entry = {
      id: `agent-${target.key}`,
      group: 'agents',
      label: target.name,
      beside: w.palette.keywords.do,
      note: w.navigation.fire,
      run: () => app.chooseTarget(target.key),
    };
    if (!agent || !edits) return [fired];
    const edited: Entry = {
      id: `edit-${target.key}`,
      group: 'agents',
      label: w.palette.edit(target.name),
      note: w.navigation.agents,
      run: () => app.go({ page: 'agent', id: agent.id, tab: 'steps', version: null }),
    };
    return [fired, edited];
  });
}

function pages(app: App): Entry[] {
  return placesOf(app.instances.profile).map((place) => ({
    id: `page-${place.page}`,
    group: 'pages',
    label: w.palette.goTo(place.word),
    action: place.action,
    run: () => app.go(place.route),
  }));
}

function instances(app: App): Entry[] {
  const all: Entry[] = app.instances.all
    .filter((instance) => instance.id !== app.instances.currentId)
    .map((instance) => ({
      id: `instance-${instance.id}`,
      group: 'instances',
      label: w.palette.switchTo(instance.name),
      beside: w.palette.keywords.instances,
      note: instance.url?.replace(/^https?:\/\//, ''),
      colour: instance.colour,
      run: () => void app.choose(instance.id),
    }));
  if (app.instances.canAdd) {
    all.push({
      id: 'instance-new',
      group: 'instances',
      label: w.instances.add,
      beside: w.palette.keywords.instances,
      run: () => (app.instanceDialog = 'new'),
    });
  }
  return all;
}

function ofTheWindow(app: App): Entry[] {
  const beside = w.palette.keywords.window;
  const themes = (Object.keys(w.settings.themes) as ThemeChoice[]).map((choice): Entry => ({
    id: `theme-${choice}`,
    group: 'window',
    label: w.palette.theme(w.settings.themes[choice]),
    beside,
    note: choice === app.theme.choice ? w.palette.now : undefined,
    run: () => app.theme.choose(choice),
  }));
  return [
    ...themes,
    {
      id: 'shortcuts',
      group: 'window',
      label: w.shortcuts.open,
      beside,
      action: 'shortcuts',
      run: () => (app.overlay = 'shortcuts'),
    },
  ];
}

/** A run's number, as a person or a webhook writes it; or a number to call. */
function byNumber(question: string, app: App): Entry[] {
  const text = question.trim();
  const id = /^(?:run\s*)?#?(\d{1,9})$/i.exec(text)?.[1] ?? /^WR-[A-Z]+-(\d{1,9})$/i.exec(text)?.[1];
  const entries: Entry[] = [];
  if (id !== undefined) {
    const run = Number(id);
    entries.push({
      id: `run-${run}`,
      group: 'runs',
      label: w.palette.run(run),
      run: () => app.go({ page: 'run', id: run, agent: null }),
    });
  }
  const digits = text.replace(/\D/g, '');
  if (/^\+?[\d\s().-]+$/.test(text) && digits.length >= 7) {
    entries.push({
      id: 'call',
      group: 'do',
      label: w.palette.call(text),
      note: w.palette.callNote,
      run: () => app.prefill(text),
    });
  }
  return entries;
}
