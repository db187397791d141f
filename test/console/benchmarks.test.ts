/** The page of benchmarks in a browser: every chart is drawn, nothing is fetched, nothing goes wrong. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'vitest';
import { standalonePage } from '../../bench/publish.ts';
import { chartsOf } from '../../src/sandbox/benchmarks/charts.ts';
import { CHROMIUM, openBrowser } from '../support/browser.ts';
import { twoRuns } from '../support/results.ts';
import { scratch } from '../support/scratch.ts';

if (CHROMIUM === undefined) process.stderr.write('no Chromium here: pages are not opened\n');

test.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)(
  'published results as a page',
  async () => {
    const runs = twoRuns();
    const file = join(scratch(), 'page.html');
    writeFileSync(file, standalonePage(runs));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      const fetched: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('request', (request) => fetched.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      await page.waitForSelector('canvas');
      const titles = await page.locator('#charts h2').allTextContents();
      deepStrictEqual(
        titles,
        chartsOf(runs).map(({ title }) => title),
      );
      equal(await page.locator('#charts canvas').count(), titles.length);
      deepStrictEqual(problems, []);
      deepStrictEqual(fetched, [pathToFileURL(file).href]);
      const rows = await page.locator('main > table').first().locator('tbody tr').count();
      equal(rows, runs.at(-1)?.measurements.length);
      // Something is drawn: a canvas that is one colour has one value in it.
      const inked = await page.locator('#charts canvas').evaluateAll((all) =>
        all.map((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const context = (canvas as HTMLCanvasElement).getContext('2d');
          return new Set(context?.getImageData(0, 0, width, height).data).size;
        }),
      );
      ok(inked.every((values) => values > 8));
    } finally {
      await browser.close();
    }
  },
);
