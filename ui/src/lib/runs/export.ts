/**
 * Runs as a file: a table for a spreadsheet, or one JSON document a line. A cell that a spreadsheet would take
 * for a formula gets an apostrophe in front, as in the server's own report: a stranger may have said it.
 */
import type { RunSummary } from '$lib/api/types';
import { between } from '$lib/format';
import { endSentence } from './end';
import { w } from '$lib/words';

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function runsAsCsv(runs: RunSummary[]): string {
  const rows = runs.map((run) => {
    const ms = between(run.created_at, run.ended_at);
    return [
      String(run.id),
      run.name,
      run.created_at,
      run.ended_at ?? '',
      ms === null ? '' : (ms / 1000).toFixed(3),
      run.destination,
      run.caller_id ?? '',
      run.agent_name,
      run.version_number === null ? '' : String(run.version_number),
      run.mode ?? '',
      run.state,
      run.is_completed ? endSentence(run) : '',
      run.end?.side ?? '',
      run.end?.code ?? '',
      run.provider,
      run.noted_outcome ?? '',
      run.note ?? '',
    ];
  });
  return `${[w.runs.csv, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

export function runsAsLines(runs: RunSummary[]): string {
  return runs.map((run) => `${JSON.stringify(run)}\n`).join('');
}
