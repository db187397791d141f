/** Runs of two studies over HTTP, one at once: the study with a single run does not wait for all of the other. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { splitCborSequence } from '../../src/base/codec.ts';
import { Refusal } from '../../src/base/errors.ts';
import { decodeFrame, encodeFrame, EVERYONE, signFrame } from '../../src/flows/frame.ts';
import { encodeRefusal } from '../../src/flows/pooled/refusal.ts';
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

test('one of each study in turn, also across a restart, and each run once', async () => {
  const [busy, rare] = [await lab.study({ rho: '2/1' }), await lab.study({ rho: '3/1' })];
  const runs: string[] = [];
  for (let i = 0; i < 12; i += 1) runs.push(await lab.run(busy, { rho: `1/${200 + i}` }));
  for (let i = 0; i < 2; i += 1) runs.push(await lab.run(rare, { rho: `1/${200 + i}` }));
  await lab.restart();
  const told = await refuseAll(runs.length);
  deepStrictEqual(told.filter((study) => study === rare.id).length, 2);
  ok(told.lastIndexOf(rare.id) <= 5, told.map((id) => (id === rare.id ? 'rare' : 'busy')).join());
  for (const run of runs) {
    const answer = await lab.call(lab.keys.analyst, 'GET', `/v1/runs/${run}`);
    strictEqual(answer.json<{ state: string }>().state, 'refused');
  }
}, 60_000);
