/** Prints what was measured as a table for docs/performance.md, and why nothing was where something failed. */
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export default class Table implements Reporter {
  #rows: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const { type, description } of result.annotations) this.#rows.push(`| ${type} | ${description} |`);
    if (result.status === 'skipped') this.#rows.push(`| ${test.title} | left out |`);
    for (const error of result.errors) process.stderr.write(`${test.title}: ${error.message}\n`);
  }

  onEnd(result: FullResult): void {
    process.stdout.write(`\n| what | measured | mark |\n|---|---|---|\n${this.#rows.join('\n')}\n`);
    process.exitCode = result.status === 'passed' ? 0 : 1;
  }
}
