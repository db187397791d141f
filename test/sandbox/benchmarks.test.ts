/** Benchmarks as the service shows them: page, JSON, and the self-test for operators. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { afterAll, test } from 'vitest';
import { standaloneAssets } from '../../bench/publish.ts';
import { benchmarksPage } from '../../src/sandbox/benchmarks/page.ts';
import { parseResults } from '../../src/sandbox/benchmarks/results.ts';
import { CHROMIUM, openBrowser } from '../support/browser.ts';
import { twoRuns } from '../support/results.ts';
import { codeOf, SandboxLab, staffKeys } from './sandbox-lab.ts';

const staff = staffKeys();
const published = twoRuns();
const lab = new SandboxLab(['lu', 'jp'], staff, {}, undefined, undefined, {
  published,
  assets: standaloneAssets(),
});
afterAll(() => lab.close());

test('the results as JSON are the published ones', async () => {
  const answer = await lab.app.inject({ method: 'GET', url: '/benchmarks.json' });
  const { runs } = answer.json<{ runs: object[] }>();
  deepStrictEqual(
    runs.map((run) => parseResults(JSON.stringify(run))),
    published,
  );
});

test('self-test: for operators, once in a minute, and shown again', async () => {
  const call = (verb: 'GET' | 'POST') => lab.call(staff.ops, verb, '/v1/self-test');
  equal(codeOf(await call('GET')), 'NOT_FOUND');
  const first = await call('POST');
  equal(first.statusCode, 200);
  const again = await call('POST');
  deepStrictEqual([again.statusCode, codeOf(again)], [429, 'TOO_MANY_REQUESTS']);
  deepStrictEqual((await call('GET')).json(), first.json());
});

test('the page under its policy: answers name their types', async () => {
  for (const [url, type] of [
    ['/benchmarks', 'text/html; charset=utf-8'],
    ['/benchmarks.js', 'text/javascript; charset=utf-8'],
    ['/benchmarks.css', 'text/css; charset=utf-8'],
  ] as const) {
    const { statusCode, headers } = await lab.app.inject({ method: 'GET', url });
    deepStrictEqual([statusCode, headers['content-type']], [200, type]);
  }
  const { headers, body } = await lab.app.inject({ method: 'GET', url: '/benchmarks' });
  ok(
    String(headers['content-security-policy']).startsWith("default-src 'none'; script-src 'self'"),
  );
  ok(!/<script(?![^>]*(?:src=|application\/json))/.test(body));
});

test('markup in a result file stays text on the page, in the tables and in the data of the charts', () => {
  const markup = '</script><script>alert(1)</script><img src=x onerror="alert(1)">\u2028';
  const [run] = published;
  ok(run !== undefined);
  const measurements = run.measurements.map((one) => ({
    ...one,
    case: markup.slice(0, 80),
    timed: markup,
    peers: { [markup.slice(0, 80)]: 2 },
  }));
  const hostile = { ...run, machine: markup, commit: markup.slice(0, 80), measurements };
  const html = benchmarksPage([hostile], { script: 'a.js', style: 'a.css', inline: false });
  ok(html.includes('alert(1)'), 'control: it is on the page');
  ok(!/<img|<script>|<\/script><script/.test(html));
});

test.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)(
  'in a browser the charts are drawn, and the policy stops nothing',
  async () => {
    await lab.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = lab.app.server.address() as AddressInfo;
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/benchmarks`);
      await page.waitForSelector('canvas');
      equal(await page.locator('#charts canvas').count(), await page.locator('#charts h2').count());
      // The icon that a browser asks for by itself is not there.
      deepStrictEqual(
        problems.filter((text) => !text.includes('404')),
        [],
      );
    } finally {
      await browser.close();
    }
  },
);
