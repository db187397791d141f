/**
 * A sandbox process under load, over HTTP: price look-ups at 500 a second, a thousand event streams,
 * and its memory while both go on. `KAKEHASHI_LOAD_SECONDS=600` makes it ten minutes, and
 * `KAKEHASHI_IDLE_MACHINE=1` holds it to the aim.
 */
import { ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { afterAll, beforeAll, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { KakehashiClient } from '../../src/client/client.ts';
import { createRequestToken } from '../../src/engine/transport/request-token.ts';
import { readPartlySigned, type Study } from '../../src/flows/study-terms.ts';
import { signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { SandboxLab } from './sandbox-lab.ts';

const SECONDS = Number(process.env['KAKEHASHI_LOAD_SECONDS'] ?? '20');
const RATE = 500;
const STREAMS = 1000;
const ROOT = path.resolve(import.meta.dirname, '..', '..');
const keys = studyKeys(['lu', 'jp']);
const place = new SandboxLab();
let service: ChildProcess;
let origin: string;
let metricsUrl: string;
let study: Study;
let client: KakehashiClient;

beforeAll(async () => {
  const data = path.join(place.root, 'loaded');
  mkdirSync(data, { mode: 0o700 });
  const holders = Object.fromEntries(
    [...keys.identity].map(([name, key]) => [name, key.publicText]),
  );
  const config = {
    listen: '127.0.0.1:0',
    metrics: '127.0.0.1:0',
    holders,
    requestsPerMinute: 10_000_000,
    logLevel: 'error',
  };
  writeFileSync(path.join(data, 'config.json'), JSON.stringify(config));
  service = spawn(
    process.execPath,
    [path.join(ROOT, 'dist', 'cli.js'), 'sandbox', '--data', data, '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (service.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(service.stdout), 'line')) as [string];
  const ready = JSON.parse(line) as { url: string; metrics: string };
  origin = ready.url;
  metricsUrl = ready.metrics;
  client = new KakehashiClient({ sandbox: origin, key: keys.analyst });
  const signed = readPartlySigned(signedStudy(studyDraft(keys), keys));
  await client.submitStudy(signed);
  study = signed.study;
}, 60_000);
afterAll(async () => {
  service.kill('SIGTERM');
  await once(service, 'exit');
  await client.close();
  await place.close();
});

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(metricsUrl)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;

/** Ten cells by holder: five ages and those without one, of both. */
const QUERY: Json = {
  format: 'kakehashi/query/1',
  groupBy: [{ column: 'age', bins: [0, 20, 30, 40, 50, 60, 70, 80, 90, 111] }],
  measures: [{ name: 'people', count: true }],
  rho: '1/200',
};

test(
  'price look-ups at 500 a second, from their due time on, and steady memory',
  async () => {
    const pool = new Pool(origin, { connections: 32, pipelining: 1 });
    const at = `/v1/studies/${study.id}/price`;
    const body = utf8(canonicalJson({ query: QUERY }));
    const token = () =>
      createRequestToken(keys.analyst, { method: 'POST', path: at, body }, new Date(), systemRng);
    const late: number[] = [];
    const memory: number[] = [];
    let cells = 0;
    let overloaded = 0;
    const before = await metric('process_cpu_seconds_total');
    const ask = async (due: number): Promise<void> => {
      const authorization = `Bearer ${await token()}`;
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await pool.request({ method: 'POST', path: at, headers, body });
      const price = (await answer.body.json()) as { cells: number };
      if (answer.statusCode === 503) {
        ok(Number(answer.headers['retry-after']) > 0);
        overloaded += 1;
        return;
      }
      strictEqual(answer.statusCode, 200, JSON.stringify(price));
      cells = price.cells;
      late.push(performance.now() - due);
    };
    const started = performance.now();
    const asked: Promise<void>[] = [];
    for (let i = 0; i < RATE * SECONDS; i += 1) {
      const due = started + (i * 1000) / RATE;
      const wait = due - performance.now();
      if (wait > 1) await sleep(wait);
      asked.push(ask(due));
      if (i % (RATE * 5) === 0) memory.push(await metric('process_resident_memory_bytes'));
    }
    await Promise.all(asked);
    const seconds = (performance.now() - started) / 1000;
    await pool.close();
    late.sort((a, b) => a - b);
    memory.push(await metric('process_resident_memory_bytes'));
    const cpu = (1000 * ((await metric('process_cpu_seconds_total')) - before)) / late.length;
    const [p50, p99] = [quantile(late, 0.5), quantile(late, 0.99)];
    const rate = late.length / seconds;
    process.stderr.write(
      `price: ${rate.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${overloaded} refused as overload, ${cpu.toFixed(2)} ms of processor each, MiB ${memory.map((one) => Math.round(one / 2 ** 20)).join(' ')}\n`,
    );
    strictEqual(cells, 10);
    // What a busy machine cannot blur: every request is answered, or refused for now. The aim, 500 a
    // second with a p99 below 50 ms, is for two idle cores: it is printed, and asserted by name.
    strictEqual(late.length + overloaded, RATE * SECONDS);
    ok(late.length > 0);
    if (process.env['KAKEHASHI_IDLE_MACHINE'] === '1') {
      ok(p99 < 50 && overloaded === 0 && rate > 0.99 * RATE, `p99 ${p99} ms at ${rate}/s`);
    }
    // After the first seconds it stays: half as much again would be a leak.
    ok((memory.at(-1) ?? 0) < 1.5 * (memory[1] ?? Infinity));
  },
  (10 * SECONDS + 120) * 1000,
);

test('a thousand event streams, a price beside them, and their end', async () => {
  const { query } = await client.submitQuery(study, {
    ...(QUERY as Record<string, Json>),
    rho: '1/300',
  });
  const { run } = await client.run(query);
  const at = `/v1/runs/${run}/events`;
  const control = new AbortController();
  const pool = new Pool(origin, { connections: STREAMS });
  const begun = performance.now();
  let open = 0;
  const read = async (): Promise<void> => {
    const token = await createRequestToken(
      keys.analyst,
      { method: 'GET', path: at, body: new Uint8Array(0) },
      new Date(),
      systemRng,
    );
    const answer = await pool.request({
      method: 'GET',
      path: at,
      headers: { authorization: `Bearer ${token}` },
      signal: control.signal,
    });
    if (answer.statusCode === 503) {
      await answer.body.dump();
      await sleep(1000 * Number(answer.headers['retry-after']));
      await read();
      return;
    }
    strictEqual(answer.statusCode, 200);
    let text = '';
    for await (const chunk of answer.body) {
      text += String(chunk);
      if (!text.includes('reserving')) continue;
      open += 1;
      break;
    }
    // Reading on, for as long as the test does.
    await once(control.signal, 'abort');
  };
  const reading = Array.from({ length: STREAMS }, () =>
    read().catch((error: unknown) => {
      if (!control.signal.aborted) throw error;
    }),
  );
  while (open < STREAMS) {
    await Promise.race([sleep(50), Promise.all(reading)]);
    ok(performance.now() - begun < 180_000, `${open} open`);
  }
  const seconds = (performance.now() - begun) / 1000;
  const asked = performance.now();
  await client.price(study.id, QUERY);
  process.stderr.write(
    `streams: ${STREAMS} in ${seconds.toFixed(1)} s, then a price in ${(performance.now() - asked).toFixed(0)} ms, ${Math.round((await metric('process_resident_memory_bytes')) / 2 ** 20)} MiB\n`,
  );
  control.abort();
  await Promise.all(reading);
  await pool.destroy();
  for (let i = 0; (await metric('kakehashi_event_streams')) > 0; i += 1) {
    ok(i < 100, 'streams stay open');
    await sleep(100);
  }
}, 240_000);
