/**
 * Addresses of the API, built from the templates of the server's own OpenAPI document: a route that
 * the server does not have does not compile.
 */
import type { paths } from './schema';

type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** Fills the names of a path template; each value is escaped as one segment. */
export function route<Template extends keyof paths & string>(
  template: Template,
  values: Record<Names<Template>, string | number>,
  query: Record<string, string | number | boolean | null | undefined> = {},
): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name as Names<Template>])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
