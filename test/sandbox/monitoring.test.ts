/** Dashboard and alert rules speak of metrics that /metrics has, under names and labels that it uses. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { parse } from 'yaml';
import { Metrics } from '../../src/sandbox/metrics.ts';
import { selfTestReport } from '../../src/sandbox/self-test/report.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../sandbox-images/monitoring');
const read = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

type Dashboard = { readonly panels: readonly { readonly targets: readonly { expr: string }[] }[] };
type Rules = { readonly groups: readonly { readonly rules: readonly { expr: string }[] }[] };

const expressions = [
  ...(JSON.parse(read('grafana-dashboard.json')) as Dashboard).panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr),
  ),
  ...(parse(read('alerts.yaml')) as Rules).groups.flatMap(({ rules }) =>
    rules.map(({ expr }) => expr),
  ),
];
const NAME = /\b(?:kakehashi|process|nodejs)_[a-z0-9_]+/g;
const namesIn = (text: string): string[] => [...new Set(text.match(NAME))];

const times = { aesGiBs: 1, cases: [{ case: 'kernel/ntt', size: 4096, us: 20 }] };
const metrics = new Metrics(
  {
    runs: () => 0,
    eventStreams: () => 0,
    selfTest: () => selfTestReport(times, undefined, new Date(0)),
  },
  { process: true },
);

test('every name is served', async () => {
  metrics.refused('INTERNAL');
  const served = new Set(namesIn(await metrics.text()));
  const asked = [...new Set(expressions.flatMap(namesIn))];
  ok(asked.length > 8);
  // A histogram has its buckets once something was observed.
  const base = (name: string): string => name.replace(/_bucket$/, '');
  deepStrictEqual(
    asked.filter((name) => !served.has(name) && !served.has(base(name))),
    [],
  );
});

test('control: another name is noticed', async () => {
  const served = new Set(namesIn(await metrics.text()));
  ok(!served.has('kakehashi_rows_total'));
});

test('the last self-test is in them, by case', async () => {
  const text = await metrics.text();
  ok(text.includes('kakehashi_self_test_seconds{case="kernel/ntt"} 0.00002'));
  ok(text.includes('kakehashi_self_test_slow{case="kernel/ntt"} 0'));
});
