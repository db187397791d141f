/**
 * Rulings, test 4, over real processes and every route that an analyst, a steward or operators may call: two
 * institutions each, with a cohort and with the same one less one odd person. Status, headers, tags, sizes, events
 * and metrics are equal to the byte, once what differs by chance is masked: ids, keys, signatures, times, ports, and
 * the noised numbers, whose digits are the only sizes that may differ.
 *
 * Control: an answer that says how many rows a holder has is told apart.
 */
import { deepStrictEqual, equal, notDeepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { KakehashiClient, loadKey } from '../../src/client/client.ts';
import { OPERATIONS, pathOf, RUN_EVENTS } from '../../src/client/operations.ts';
import { createRequestToken } from '../../src/engine/transport/request-token.ts';
import { Institutions } from '../support/institutions.ts';

const BASE = ['patient_id,sex,age', 'p1,F,34', 'p2,M,61', 'p3,F,70'];
const JP = ['patient_id,sex,age', 'q1,F,45', 'q2,M,50'].join('\n');
const ODD: Record<string, readonly string[]> = {
  'out of every domain': ['odd,diverse,NaN'],
  'a thousand rows': Array.from({ length: 1000 }, (_, i) => `odd,M,${i % 110}`),
};

const QUERY: Json = {
  format: 'kakehashi/query/1',
  groupBy: ['holder', 'sex', { column: 'age', bins: [0, 50, 111] }],
  measures: [{ name: 'people', count: true }],
  rho: '1/100',
};
const TOO_DEAR: Json = { ...(QUERY as object), rho: '3/1' };
const FAULTY: Json = { ...(QUERY as object), groupBy: ['weight'] };

/** What two runs of equal institutions differ in. */
const masked = (text: string): string =>
  text
    .replace(/"(value|interval|noise)":(?:\[[^\]]*\]|-?[\d.e+-]+|null)/g, '"$1":N')
    .replace(/ed25519:[\w-]+/g, 'KEY')
    .replace(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replace(/"[0-9a-f]{32}"/g, '"SALT"')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/[\w+/-]{43,}={0,2}/g, 'BYTES')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST');

const HEADERS_BY_CHANCE = ['date', 'server-timing'];

/** Lists are in the order of ids, and logs in that of who was first: both are chance. */
function listed(text: string): string {
  const list =
    /^(\{(?:"from":0,)?"(?:queries|runs|entries)":\[)(.*?)(\](?:,"(?:next|size)":[^\]]*)?\})$/.exec(
      text,
    );
  if (list === null) return text;
  const [, before = '', items = '', after = ''] = list;
  const sorted = items.split(/(?<=\}),(?=\{"(?:query|run|entry)":)/).sort();
  return before + sorted.join() + after;
}

type Seen = Record<string, Json>;

class Caller {
  readonly seen: Seen = {};
  readonly #key: Awaited<ReturnType<typeof loadKey>>;
  readonly #url: string;

  constructor(url: string, key: Awaited<ReturnType<typeof loadKey>>) {
    this.#url = url;
    this.#key = key;
  }

  async call(name: string, method: string, path: string, body?: Json): Promise<void> {
    const bytes = body === undefined ? new Uint8Array(0) : utf8(canonicalJson(body));
    const signed = { method, path, body: bytes };
    const token = await createRequestToken(this.#key, signed, new Date(), systemRng);
    const answer = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: canonicalJson(body) }),
    });
    const text = await answer.text();
    const shown = listed(masked(text));
    // A size is that of the text: what it may differ by is what was masked.
    const length = Number(answer.headers.get('content-length') ?? text.length);
    const digits = length - Buffer.byteLength(text);
    const headers = [...answer.headers]
      .filter(([header]) => !HEADERS_BY_CHANCE.includes(header) && header !== 'content-length')
      .map(([header, value]) => [header, masked(value).replace(/"[^"]+"/, 'TAG')]);
    this.seen[name] = [answer.status, digits, headers, shown];
  }
}

/** Names and labels of all metrics, and the values of those that count runs. */
const metricsOf = (text: string): Json =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (/runs|releases|refus/.test(line) ? line : line.replace(/ [^ ]+$/, '')))
    .map(masked)
    .sort();

/** States in their order; which holder is first with a message is chance. */
async function eventsOf(client: KakehashiClient, run: string): Promise<Json> {
  const [states, steps]: [string[], string[]] = [[], []];
  for await (const event of client.events(run)) {
    if (event.event === 'state') states.push(event.state);
    else steps.push(`${event.holder} ${event.kind}`);
  }
  return [states, steps.sort()];
}

async function observe(lu: readonly string[]): Promise<Seen> {
  const party = new Institutions();
  const { sandbox } = await party.open({ csv: { lu: lu.join('\n'), jp: JP } });
  const key = await loadKey(party.at('keys', 'ana.pem'));
  const client = new KakehashiClient({ sandbox: party.url, key });
  const { study } = await client.study(party.study);
  const caller = new Caller(party.url, key);
  const ids = { study: study.id };
  const events: Json[] = [];
  await caller.call('price', 'POST', pathOf(OPERATIONS.priceQuery.path, ids), { query: QUERY });
  await caller.call('price, at fault', 'POST', pathOf(OPERATIONS.priceQuery.path, ids), {
    query: FAULTY,
  });
  const { query } = await client.submitQuery(study, QUERY);
  const { run } = await client.run(query);
  events.push(await eventsOf(client, run));
  const dear = await client.submitQuery(study, TOO_DEAR);
  const { run: refused } = await client.run(dear.query);
  events.push(await eventsOf(client, refused));
  const all = { study: study.id, query, run };
  for (const [name, { method, path }] of Object.entries({ ...OPERATIONS, events: RUN_EVENTS })) {
    if (method === 'GET') await caller.call(name, method, pathOf(path, all));
  }
  for (const name of ['readRun', 'readRelease'] as const) {
    await caller.call(`${name}, refused`, 'GET', pathOf(OPERATIONS[name].path, { run: refused }));
  }
  await client.close();
  const metrics = await (await fetch(String(sandbox.ready['metrics']))).text();
  return { ...caller.seen, events, metrics: metricsOf(metrics) };
}

for (const [name, rows] of Object.entries(ODD)) {
  test(`one odd person, ${name}: nothing but noised numbers differs, on any route`, async () => {
    const [without, with_] = [await observe(BASE), await observe([...BASE, ...rows])];
    equal(Object.keys(without).length, Object.keys(with_).length);
    for (const route of Object.keys(without)) {
      deepStrictEqual(with_[route], without[route], route);
    }
    ok(Object.keys(without).length > 15);
    ok(JSON.stringify(without['readRelease']).includes('value\\":N'), 'there is a release');
    // Control: a count in a text survives the masks.
    notDeepStrictEqual(masked('{"rows":3}'), masked('{"rows":4}'));
  }, 300_000);
}
