/**
 * Rulings, test 8, through whole runs between institutions with the program in the sandbox: it traps, or takes a
 * thousand times longer, only where one person is there. One answer changes; what an analyst sees besides is equal: states,
 * steps, entries of the log, what was uploaded, and a time that is the schedule's.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { type Json } from '../../src/base/canonical-json.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { KakehashiClient, loadKey } from '../../src/client/client.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { createRequestToken } from '../../src/engine/transport/request-token.ts';
import { termsOf } from '../../src/flows/study-terms.ts';
import { Institutions } from '../support/institutions.ts';
import { sandboxed } from '../support/sandboxed-institutions.ts';
import { answering, i32, I32, i64, local, RESERVE, wasm } from '../support/wasm-text.ts';

const MARKED = 77;

/** Does `then` at every row that is marked, and answers 60. */
const program = (then: readonly number[]): Uint8Array =>
  wasm({
    functions: [
      RESERVE,
      [
        [local(4, I32)],
        [
          // rows, and where their values are
          ...[0x20, 0, 0x28, 2, 8, 0x21, 2, 0x20, 0, 0x20, 0, 0x28, 2, 36, 0x6a, 0x21, 3],
          ...[0x02, 0x40, 0x03, 0x40, 0x20, 1, 0x20, 2, 0x4f, 0x0d, 1],
          ...[0x20, 3, 0x20, 1, ...i32(3), 0x74, 0x6a, 0x29, 3, 0, ...i64(BigInt(MARKED))],
          ...[0x51, 0x04, 0x40, ...then, 0x0b],
          ...[0x20, 1, ...i32(1), 0x6a, 0x21, 1, 0x0c, 0, 0x0b, 0x0b],
          ...answering(...i64(60n)),
        ],
      ],
    ],
  });

const TRAP = [0x00];
const LONG = [
  ...[...i32(50_000), 0x21, 4, 0x03, 0x40, 0x20, 4, ...i32(1), 0x6b, 0x22, 4, 0x0d, 0, 0x0b],
];

const ROWS = Array.from({ length: 40 }, (_, i) => 100 + i);

type Listed = {
  readonly uploads?: readonly { holder: string; bytes: number; state: string }[];
  readonly statements?: readonly unknown[];
};

type Seen = { readonly equal: Json; readonly answer: number; readonly waited: number };

async function get(party: Institutions, path: string): Promise<string> {
  const key = await loadKey(party.at('keys', 'ana.pem'));
  const request = { method: 'GET', path, body: utf8('') };
  const token = await createRequestToken(key, request, new Date(), systemRng);
  const answer = await fetch(party.url + path, { headers: { authorization: `Bearer ${token}` } });
  return answer.text();
}

const typesIn = (text: string): string[] =>
  (JSON.parse(text) as { entries: { entry: { type: string } }[] }).entries
    .map(({ entry }) => entry.type)
    .sort();

async function observe(binary: Uint8Array, lu: readonly number[]): Promise<Seen> {
  const { options, query, push } = sandboxed(
    binary,
    (name) => (name === 'lu' ? lu : ROWS),
    // Noise of 0.13, so that one answer of eight shows.
    '5000/1',
  );
  const party = new Institutions();
  await party.open(options);
  await push(party);
  const key = await loadKey(party.at('keys', 'ana.pem'));
  const client = new KakehashiClient({ sandbox: party.url, key });
  const { study } = await client.study(party.study);
  const { run } = await client.run((await client.submitQuery(study, query)).query);
  const [states, steps]: [string[], string[]] = [[], []];
  let [computing, sharing] = [0, 0];
  for await (const event of client.events(run)) {
    if (event.event === 'state') {
      states.push(event.state);
      if (event.state === 'computing') computing = performance.now();
      if (event.state === 'sharing') sharing = performance.now();
    } else steps.push(`${event.holder} ${event.kind}`);
  }
  const release = await client.release(run, study);
  // The statement comes when the run has ended, whatever the program did.
  const uploadsOf = async (): Promise<Listed> =>
    JSON.parse(await get(party, `/v1/studies/${party.study}/uploads`)) as Listed;
  let { uploads: uploaded = [], statements = [] } = await uploadsOf();
  while (statements.length === 0) {
    await sleep(200);
    // A busy sandbox answers with a problem, which has neither.
    ({ uploads: uploaded = [], statements = [] } = await uploadsOf());
  }
  const log = await get(party, `/v1/studies/${party.study}/log/entries?from=0`);
  await client.close();
  const { deadlineSeconds } = compileQuery(termsOf(study), query);
  const uploads = uploaded.map(({ holder, bytes, state }) => `${holder} ${bytes} ${state}`);
  const own = release.estimates.find(({ group }) => group['holder'] === 'lu');
  return {
    equal: { states, steps: steps.sort(), uploads: uploads.sort(), log: typesIn(log) },
    answer: own?.value ?? Number.NaN,
    // Reservations of all holders are what begins both, so it may be less by what they take to travel.
    waited: (sharing - computing) / 1000 / deadlineSeconds,
  };
}

describe.each<[string, readonly number[], number]>([
  ['traps', TRAP, 58.75],
  ['takes a thousand times longer', LONG, 60],
])('a program that %s where one person is there', (_, then, changed) => {
  test('changes one answer and nothing else', async () => {
    const binary = program(then);
    const without = await observe(binary, [...ROWS, 1]);
    const with_ = await observe(binary, [...ROWS, MARKED]);
    deepStrictEqual(with_.equal, without.equal);
    // Seven blocks answer 60, and the one of that person its default of 50 where it trapped; noise is 0.13.
    ok(Math.abs(without.answer - 60) < 0.6, `${without.answer}`);
    ok(Math.abs(with_.answer - changed) < 0.6, `${with_.answer}`);
    for (const { waited } of [without, with_]) ok(waited > 0.85, `${waited} of the deadline`);
  }, 400_000);
});
