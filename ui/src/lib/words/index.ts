/**
 * Every word a person reads comes from here, by typed key. One language so far; a second one is a
 * second folder that `satisfies Words`.
 */
import { agent, trigger } from './en/agent';
import { agents, starters } from './en/agents';
import { desk, dispositions, runs, sides, sideSays, sources, states } from './en/calls';
import { common, navigation, signIn, status } from './en/common';
import { backups, keeping } from './en/backups';
import { again } from './en/again';
import { desktop, drop, palette, quit, shortcuts } from './en/desktop';
import { context } from './en/context';
import { errors } from './en/errors';
import { fire, json } from './en/fire';
import { paste, pins, presets } from './en/paste';
import { preflight } from './en/preflight';
import { snippets } from './en/snippets';
import { instances, keys, pasted, settings } from './en/places';
import { requests } from './en/requests';
import { server } from './en/server';
import { telephony } from './en/telephony';
import { lengthened } from './pseudo';

const english = {
  agent,
  agents,
  again,
  backups,
  common,
  context,
  desk,
  desktop,
  dispositions,
  drop,
  errors,
  fire,
  instances,
  json,
  keeping,
  keys,
  navigation,
  pasted,
  palette,
  paste,
  pins,
  preflight,
  presets,
  quit,
  requests,
  runs,
  server,
  settings,
  shortcuts,
  sides,
  sideSays,
  signIn,
  snippets,
  sources,
  starters,
  states,
  status,
  telephony,
  trigger,
};

export type Words = typeof english;

/** `vite build --mode pseudo` makes the pages of a test; every other build leaves the second half out. */
export const w: Words = import.meta.env.MODE === 'pseudo' ? lengthened(english) : english;
