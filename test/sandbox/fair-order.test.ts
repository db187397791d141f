/** Runs of three studies over HTTP, one at once: studies with few runs do not wait for all of the one with many. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { splitCborSequence } from '../../src/base/codec.ts';
import { Refusal } from '../../src/base/errors.ts';
import { decodeFrame, encodeFrame, EVERYONE, signFrame } from '../../src/flows/frame.ts';
import { encodeRefusal } from '../../src/flows/pooled/refusal.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { SandboxLab } from './sandbox-lab.ts';

const lab = new SandboxLab(['lu', 'jp'], {}, { runsAtOnce: 1 });
afterAll(() => lab.close());
const body = encodeRefusal(new Refusal('COHORT_MISSING', 'test'), false);

/** A holder that refuses every run that it is told of; returns their studies in the order of telling. */
async function refuseAll(count: number): Promise<string[]> {
  const told: string[] = [];
  for (let after = 0; told.length < count; ) {
    const answer = await lab.inbox('lu', after);
    for (const bytes of splitCborSequence(new Uint8Array(answer.rawPayload))) {
      after += 1;
      const { kind, study, run } = decodeFrame(bytes);
      if (kind !== 'query') continue;
      told.push(study);
      const refusal = {
        study,
        run,
        from: 'lu',
        to: EVERYONE,
        sequence: 1,
        kind: 'refusal',
      } as const;
      const frame = encodeFrame(signFrame({ ...refusal, body }, lab.identity('lu')));
      const at = `/v1/runs/${run}/frames`;
      const sent = await lab.call(lab.identity('lu'), 'POST', at, {
        body: frame,
        type: 'application/cbor',
      });
      strictEqual(sent.statusCode, 202, sent.body);
    }
    await sleep(5);
  }
  return told;
}

test('50 runs that wait: one of each study in turn, also across a restart, and each run once', async () => {
  const [busy, other, rare] = [
    await lab.study({ rho: '4/1' }),
    await lab.study({ rho: '5/1' }),
    await lab.study({ rho: '3/1' }),
  ];
  const runs: string[] = [];
  const ask = async (study: Study, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) runs.push(await lab.run(study, { rho: `1/${200 + i}` }));
  };
  await ask(busy, 42);
  await ask(other, 6);
  await ask(rare, 2);
  await lab.restart();
  const told = await refuseAll(runs.length);
  const places = (study: Study): number[] =>
    told.flatMap((id, place) => (id === study.id ? [place] : []));
  deepStrictEqual(
    [busy, other, rare].map((study) => places(study).length),
    [42, 6, 2],
  );
  // The nth of a study waits for n of each of the three, and for the one that had begun; not for the 42.
  for (const study of [other, rare]) {
    for (const [n, place] of places(study).entries()) {
      ok(place <= 3 * (n + 1) + 1, `${n + 1} of a study with few comes at ${place + 1}`);
    }
  }
  for (const run of runs) {
    const answer = await lab.call(lab.keys.analyst, 'GET', `/v1/runs/${run}`);
    strictEqual(answer.json<{ state: string }>().state, 'refused');
  }
}, 60_000);
