/**
 * A configuration's form without its drawing: what its fields hold, which of them are asked for,
 * what is sent, and to which field an answer of the server belongs. Secrets are known only as the
 * mask that the server shows; a mask that is sent back keeps the stored value (contract §6.1).
 */
import { ApiError, type FieldProblem } from '$lib/api/http';
import type { Config, Provider, ProviderField } from '$lib/api/telephony';
import { sentence } from '$lib/format';
import { w } from '$lib/words';

export type Value = string | boolean;
export type Values = Record<string, Value>;

/** What a configuration may say of its own besides its provider's fields, and the most it may say. */
export const LIMITS = {
  ringing_timeout_seconds: 300,
  dialing_timeout_seconds: 120,
  concurrent_calls: 100_000,
} as const;
export type Limit = keyof typeof LIMITS;
export const LIMIT_NAMES = Object.keys(LIMITS) as Limit[];

/** The name of the field that is not the provider's. */
export const NAME = 'name';
const LONGEST_NAME = 64;

/** Phone numbers are a list of their own, so their place in the form is left out. */
export function askedFields(provider: Provider): ProviderField[] {
  return provider.fields.filter((field) => field.type !== 'string-array');
}

/** A dotted name's value. */
function read(config: Config, name: string): unknown {
  let value: unknown = config;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Config)[part];
  }
  return value;
}

/** What the fields start with. */
export function startingValues(fields: ProviderField[], credentials: Config): Values {
  const values: Values = {};
  for (const field of fields) {
    const stored = read(credentials, field.name);
    values[field.name] = field.type === 'checkbox' ? stored === true : asText(stored) || usual(field);
  }
  for (const limit of LIMIT_NAMES) values[limit] = asText(credentials[limit]);
  return values;
}

/** A choice that has to be made starts with the usual one, which stands first. */
function usual(field: ProviderField): string {
  return field.type === 'select' && field.required ? (field.options?.[0]?.value ?? '') : '';
}

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A field that depends on another one is asked for while that one has the value. */
export function isAsked(field: ProviderField, values: Values): boolean {
  const condition = field.visible_when;
  return !condition || values[condition.field] === condition.equals;
}

/**
 * What is sent. What the form does not show stays as it was stored; what is not asked for, or was
 * left empty where it may be, is left out.
 */
export function configOf(
  provider: string,
  fields: ProviderField[],
  values: Values,
  credentials: Config,
): Config {
  const config = withoutNulls(credentials);
  for (const field of fields) {
    if (field.type === 'readonly') continue;
    const value = values[field.name] ?? '';
    const text = typeof value === 'string' && field.type !== 'textarea' ? value.trim() : value;
    if (!isAsked(field, values) || (text === '' && !field.required)) remove(config, field.name);
    else put(config, field.name, text);
  }
  // An object in which nothing is asked for is not there at all.
  for (const field of fields) if (field.type === 'select') dropGroup(config, field, values);
  for (const limit of LIMIT_NAMES) {
    const text = String(values[limit] ?? '').trim();
    if (text === '') delete config[limit];
    else config[limit] = Number(text);
  }
  return { ...config, provider };
}

function withoutNulls(config: Config): Config {
  const kept = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      typeof value === 'object' && !Array.isArray(value) ? withoutNulls(value as Config) : value,
    ]),
  );
}

function put(config: Config, name: string, value: Value): void {
  const parts = name.split('.');
  const own = parts.pop() ?? name;
  let place = config;
  for (const part of parts) {
    const inner = place[part];
    place = (place[part] = typeof inner === 'object' && inner !== null ? inner : {}) as Config;
  }
  place[own] = value;
}

function remove(config: Config, name: string): void {
  const cut = name.lastIndexOf('.');
  const place = cut < 0 ? config : read(config, name.slice(0, cut));
  if (typeof place === 'object' && place !== null) delete (place as Config)[name.slice(cut + 1)];
}

/** A choice in a group that is left open ("None") leaves the whole group out. */
function dropGroup(config: Config, field: ProviderField, values: Values): void {
  const cut = field.name.lastIndexOf('.');
  if (cut > 0 && values[field.name] === '') remove(config, field.name.slice(0, cut));
}

export type Wrong = Record<string, string>;

/** What can be said before the server is asked. */
export function whatIsWrong(name: string, fields: ProviderField[], values: Values): Wrong {
  const wrong: Wrong = {};
  if (name.trim() === '') wrong[NAME] = w.telephony.wrong.missing;
  else if (name.trim().length > LONGEST_NAME) wrong[NAME] = w.telephony.wrong.long(LONGEST_NAME);
  for (const field of fields) {
    const needed = field.required && isAsked(field, values) && field.type !== 'readonly';
    if (needed && values[field.name] === '') wrong[field.name] = w.telephony.wrong.missing;
  }
  for (const limit of LIMIT_NAMES) {
    const text = String(values[limit] ?? '').trim();
    const number = Number(text);
    const fits = text === '' || (Number.isInteger(number) && number >= 1 && number <= LIMITS[limit]);
    if (!fits) wrong[limit] = w.telephony.wrong.between(1, LIMITS[limit]);
  }
  return wrong;
}

/**
 * The server's refusal by the fields of this form, or null when any of it belongs to none of them
 * and has to be shown as a whole.
 */
export function wrongFields(error: unknown, known: string[]): Wrong | null {
  if (!(error instanceof ApiError)) return null;
  if (error.code === 'name-taken') return { [NAME]: w.telephony.wrong.nameTaken };
  if (error.fields.length === 0) return null;
  const wrong: Wrong = {};
  for (const problem of error.fields) {
    const name = fieldName(problem);
    if (!known.includes(name)) return null;
    wrong[name] ??= said(problem);
  }
  return wrong;
}

/** `body`, `config` and the provider's id stand before the field's own name. */
function fieldName(problem: FieldProblem): string {
  const parts = problem.loc.filter((part) => part !== 'body').map(String);
  return (parts[0] === 'config' ? parts.slice(2) : parts).join('.');
}

function said(problem: FieldProblem): string {
  if (problem.type === 'missing') return w.telephony.wrong.missing;
  // The validator's prefix is its own business.
  const text = problem.type === 'value_error' ? problem.msg.replace(/^[^,]*, /, '') : problem.msg;
  return sentence(text);
}
