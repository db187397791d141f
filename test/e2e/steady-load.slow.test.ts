/**
 * A sandbox and two holders under steady load, as real processes: price look-ups, whole runs one after another, event
 * streams that come and go. Memory stays: 90 s here, and
 *
 *     MINUTES=10 npm run test:slow -- test/e2e/steady-load.slow.test.ts
 *
 * Criterion  after the first third of the time, the floor of a process's resident memory (the least of each tenth of the
 *            rest) rises by less than 15 % of itself, by a line through the medians of slopes (Theil and Sen, which no
 *            single tenth decides). For 10 minutes at 50 requests a second that finds 2 KiB that stay of each request.
 * Then       a flood of queries above what the process takes: each is taken or refused with 503 and Retry-After, and
 *            afterwards there are exactly those that were taken.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { canonicalJson, parseStrict } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { KakehashiClient, loadKey, type SigningKey } from '../../src/client/client.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { signedRequest } from '../../src/engine/transport/signed-request.ts';
import { readPartlySigned, type Study } from '../../src/flows/study-terms.ts';
import { signQuery } from '../../src/study/signed-query.ts';
import { Institutions, QUERY, type Service } from '../support/institutions.ts';

const MINUTES = Number(process.env['MINUTES'] ?? '1.5');
const SECONDS = 60 * MINUTES;
const PRICES_A_SECOND = 50;
const MOST_RISE = 0.15;
const MIB = 2 ** 20;

/** Of a process of this machine, in bytes. */
const resident = ({ pid }: Service): number => {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** How much the floor of a series rises over its last two thirds, as a share of itself. */
function riseOf(series: readonly number[]): number {
  const rest = series.slice(Math.floor(series.length / 3));
  const tenth = Math.max(1, Math.floor(rest.length / 10));
  const floors = Array.from({ length: 10 }, (_, i) =>
    Math.min(...rest.slice(i * tenth, (i + 1) * tenth)),
  );
  const slopes = floors.flatMap((a, i) => floors.slice(i + 1).map((b, j) => (b - a) / (j + 1)));
  return (9 * median(slopes)) / median(floors);
}

test('controls: a leak is found under the noise of a collector, and noise alone is none', () => {
  let word = 1;
  const noise = (): number => {
    word = (word * 48_271) % 2_147_483_647;
    return (40 * MIB * word) / 2_147_483_647;
  };
  const series = (perSample: number): number[] =>
    Array.from({ length: 600 }, (_, i) => 150 * MIB + noise() + perSample * i);
  ok(Math.abs(riseOf(series(0))) < 0.05);
  // 50 requests a second, 2 KiB of each stay.
  ok(riseOf(series(100 * 1024)) > MOST_RISE);
});

type Place = {
  readonly here: Institutions;
  readonly services: Readonly<Record<'sandbox' | 'lu' | 'jp', Service>>;
  readonly client: KakehashiClient;
  readonly key: SigningKey;
  readonly study: Study;
};

async function opened(settings: Readonly<Record<string, unknown>>): Promise<Place> {
  const here = new Institutions();
  const services = await here.open({
    rho: '1000/1',
    settings: { requestsPerMinute: 1_000_000, logLevel: 'warn', ...settings },
  });
  const key = await loadKey(here.at('keys', 'ana.pem'));
  const client = new KakehashiClient({ sandbox: here.url, key });
  const { study } = readPartlySigned(parseStrict(readFileSync(here.studyFile, 'utf8')));
  return { here, services, client, key, study };
}

test(
  `steady memory over ${MINUTES} minutes`,
  async () => {
    const { services, client, study } = await opened({ overloadMs: 0 });
    const until = performance.now() + 1000 * SECONDS;
    const going = (): boolean => performance.now() < until;
    const memory = { sandbox: [] as number[], lu: [] as number[], jp: [] as number[] };
    let [prices, released, streams] = [0, 0, 0];

    const look = async (): Promise<void> => {
      for (let at = performance.now(); going(); at += 1000 / PRICES_A_SECOND) {
        await sleep(Math.max(0, at - performance.now()));
        await client.price(study.id, QUERY);
        prices += 1;
      }
    };
    const ask = async (of: number): Promise<void> => {
      for (let i = 0; going(); i += 1) {
        const { query } = await client.submitQuery(study, { ...QUERY, rho: `1/${of + i}` });
        const { run } = await client.run(query);
        streams += 1;
        for await (const event of client.events(run)) ok(event.event.length > 0);
        const { state } = await client.runState(run);
        strictEqual(state, 'released');
        released += 1;
      }
    };
    const measure = async (): Promise<void> => {
      while (going()) {
        for (const name of ['sandbox', 'lu', 'jp'] as const)
          memory[name].push(resident(services[name]));
        await sleep(1000);
      }
    };
    await Promise.all([look(), ask(1000), ask(1_000_000), measure()]);
    await client.close();
    const rises = Object.entries(memory).map(([name, series]) => {
      const mib = (bytes: number | undefined): number => Math.round((bytes ?? 0) / MIB);
      const shown = series.filter((_, i) => i % Math.ceil(series.length / 12) === 0).map(mib);
      return { name, rise: riseOf(series), shown: `${shown.join(' ')} ${mib(series.at(-1))}` };
    });
    const lines = rises.map(
      ({ name, rise, shown }) => `  ${name} ${(100 * rise).toFixed(1)} %, MiB ${shown}\n`,
    );
    process.stderr.write(
      `steady load: ${SECONDS} s, ${prices} prices, ${released} runs, ${streams} event streams\n${lines.join('')}`,
    );
    ok(prices > SECONDS && released > 2 && streams > 0);
    for (const { name, rise } of rises) ok(rise < MOST_RISE, `${name} rises by ${rise}`);
  },
  1000 * (SECONDS + 120),
);

test('a flood: taken, or refused for now, and nothing in between', async () => {
  const { here, client, key, study } = await opened({ overloadMs: 15 });
  const request = signedRequest({ origin: here.url, key, clock: systemClock, rng: systemRng });
  const answers = { taken: new Set<string>(), refused: 0 };
  const ask = async (i: number): Promise<void> => {
    const expires = new Date(Date.now() + 3_600_000);
    const rho = Rational.of(1, 5000 + i);
    const asked = { query: { ...QUERY, rho: rho.toString() }, rho, expires };
    const body = utf8(canonicalJson(signQuery(study, asked, { name: 'ana', key }, systemRng)));
    const contentType = 'application/json';
    const {
      status,
      headers,
      body: answer,
    } = await request('POST', '/v1/queries', {
      body,
      contentType,
      timeoutMs: 120_000,
    });
    if (status === 201) {
      const { query } = JSON.parse(Buffer.from(answer).toString()) as { query: string };
      answers.taken.add(query);
      return;
    }
    strictEqual(status, 503);
    ok(Number(headers['retry-after']) > 0);
    answers.refused += 1;
  };
  let asked = 0;
  for (let wave = 0; wave < 5 || answers.refused === 0; wave += 1) {
    ok(wave < 60, 'never overloaded');
    await Promise.all(Array.from({ length: 200 }, () => ask((asked += 1))));
  }
  strictEqual(answers.taken.size + answers.refused, asked);
  // Quiet again: what is there is what was taken.
  await sleep(3000);
  const there = new Set<string>();
  for (const { query } of await client.queries(study.id)) there.add(query);
  deepStrictEqual([...there].sort(), [...answers.taken].sort());
  process.stderr.write(`flood: ${answers.taken.size} taken, ${answers.refused} refused\n`);
  await client.close();
}, 150_000);
