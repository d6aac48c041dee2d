/** A history longer than anybody has by hand, told in the server's place. */
import type { Page } from '@playwright/test';

/** Answers lists with this many runs, in pages; the queries that were asked come to what it gives back. */
export async function manyRuns(page: Page, all: number): Promise<URLSearchParams[]> {
  const asked: URLSearchParams[] = [];
  await page.route('**/api/switchhook/runs?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    asked.push(query);
    const from = Math.min(all, Number(query.get('before') ?? all + 1) - 1);
    const ids = query.get('open') ? [] : Array.from({ length: Math.min(100, from) }, (_, i) => from - i);
    const runs = ids.map((id) => ({
      id,
      name: `WR-TEST-${id}`,
      agent_id: 1,
      agent_name: 'Appointment reminder',
      version_number: 2,
      version_status: 'draft',
      mode: 'test',
      state: 'completed',
      is_completed: true,
      created_at: '2026-03-15T10:00:00Z',
      ended_at: '2026-03-15T10:00:20Z',
      destination: '+14155550100',
      caller_id: null,
      provider: 'desk_phone',
      end: {
        code: 'x',
        sentence: id % 7 ? 'The callee hung up.' : 'A longer sentence. '.repeat(12),
        side: 'callee',
        next: null,
      },
    }));
    await route.fulfill({ json: { runs, next_before: (ids.at(-1) ?? 1) > 1 ? ids.at(-1) : null } });
  });
  return asked;
}
