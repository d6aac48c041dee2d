/**
 * One run as one file that anybody can open and hand on: a page without scripts and without anything
 * to fetch, its texts escaped, since strangers said or sent them, and redacted.
 */
import type { Run, RunState } from '$lib/api/types';
import { between, formatDateTime, formatDuration, readableNumber } from '$lib/format';
import { contextRows } from '$lib/json/context';
import { w } from '$lib/words';
import { momentsOf, type Moment } from './axis';
import { endSentence } from './end';
import { pathOf } from './path';
import { isSecretName, maskNumbers, STARS } from './redact';

export interface FileOptions {
  wholeNumbers: boolean;
  /** What the run went through, by name. */
  through: string;
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  // Signs that turn the direction of a text, or that no text has, could make it say something else.
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  return plain.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:860px;margin:32px auto;padding:0 20px}
h1{margin:0;font-size:22px}h2{margin:28px 0 8px;font-size:15px}
table{width:100%;border-collapse:collapse}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{width:30%;font-weight:400;opacity:.75}
.end{font-size:17px;font-weight:600}.quiet{opacity:.75}.said{white-space:pre-line}
td.at{width:84px;white-space:nowrap;font-variant-numeric:tabular-nums}td.who{width:110px}
footer{margin-top:32px;font-size:13px;opacity:.75}
@media print{body{margin:0}}`;

export function runAsHtml(run: Run, { wholeNumbers, through }: FileOptions): string {
  const shown = (text: string): string => escape(wholeNumbers ? text : maskNumbers(text));
  const number = (text: string | null): string => (text === null ? '' : shown(readableNumber(text)));
  const total = between(run.created_at, run.ended_at);
  const path = pathOf(run, total ?? Number.MAX_SAFE_INTEGER);
  const version =
    run.version_number === null ? '' : `${run.version_status ?? ''} v${run.version_number}`.trim();

  const context = (text: string): string =>
    table(
      contextRows(text).map((one) => [shown(one.path), isSecretName(one.path) ? STARS : shown(one.value)]),
    );
  const facts = table([
    [w.runs.column.number, number(run.destination)],
    [w.runs.from, number(run.caller_id)],
    [w.runs.agent, escape([run.agent_name, version].filter(Boolean).join(' · '))],
    [w.runs.mode, run.mode === null ? '' : w.common[run.mode]],
    [w.runs.state, escape(w.states[run.state] ?? run.state)],
    [w.runs.started, escape(formatDateTime(run.created_at))],
    [w.runs.duration, total === null ? '' : formatDuration(total)],
    [w.runs.through, escape(through)],
    [w.runs.outcome, shown(run.noted_outcome ?? '')],
    [w.runs.note, shown(run.note ?? '').replaceAll('\n', '<br>')],
    [w.runs.code, escape(run.end?.code ?? '')],
  ]);

  const rows = momentsOf(run, path).map((moment) => {
    const [who, what] = row(moment, shown);
    return `<tr><td class="at">+${formatDuration(Math.max(0, moment.ms))}</td><td class="who">${who}</td><td class="said">${what}</td></tr>`;
  });
  const side = run.end?.sentence ? w.sideSays[run.end.side] : '';
  const end = [side, run.end?.next ?? ''].filter(Boolean).join(' ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<title>${escape(run.name)}</title><style>${STYLE}</style></head><body><main>
<h1>${escape(run.name)}</h1>
<p class="end">${shown(endSentence(run))}</p><p class="quiet">${shown(end)}</p>
${facts}
${section(w.runs.timeline, `<table>${rows.join('')}</table>`)}
${section(w.runs.initialContext, context(run.initial_context_text))}
${section(w.runs.gathered, context(run.gathered_context_text))}
<footer>${escape(wholeNumbers ? w.runs.file.whole : w.runs.file.masked)}</footer>
</main></body></html>
`;
}

/** Names and values that are HTML already; what has no value is left out. */
function table(rows: [string, string][]): string {
  const cells = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return `<table>${cells.join('')}</table>`;
}

function section(title: string, body: string): string {
  return body === '' || body === '<table></table>'
    ? ''
    : `<section><h2>${escape(title)}</h2>${body}</section>`;
}

/** Who or what a moment is of, and what it says; both ready for the page. */
function row(moment: Moment, shown: (text: string) => string): [string, string] {
  switch (moment.kind) {
    case 'said': {
      const prompt = moment.line.kind === 'prompt' ? `<i>${escape(w.runs.promptNote)}</i> ` : '';
      return [w.runs.speaker[moment.line.speaker], `${prompt}${shown(moment.line.text)}`];
    }
    case 'node':
      return [w.runs.axis.step, `<b>${shown(moment.step.name)}</b>`];
    case 'state': {
      const state = w.states[moment.entry.state as RunState] ?? moment.entry.state;
      const note =
        moment.entry.note === null ? '' : ` <span class="quiet">${shown(moment.entry.note)}</span>`;
      return [escape(w.sources[moment.entry.source] ?? ''), `<b>${escape(state)}</b>${note}`];
    }
    case 'carrier': {
      const { exchange } = moment;
      const fields = [...exchange.request, ...exchange.reply]
        .map((field) => `${field.name} ${readableNumber(field.value)}`)
        .join(', ');
      const said = [w.runs.exchange.outcome(exchange), exchange.target, exchange.note ?? '', fields];
      const kind = w.runs.exchange.kind[exchange.kind];
      return [w.runs.carrierLane, `<b>${kind}</b> ${shown(said.filter(Boolean).join(' · '))}`];
    }
  }
}
