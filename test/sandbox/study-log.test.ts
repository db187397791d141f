/** The log of a study over HTTP: what it records, for its auditors; what holders co-sign; a stop. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { readNote } from '../../src/audit/checkpoint.ts';
import { verifyConsistency } from '../../src/audit/consistency.ts';
import { entryLeaf } from '../../src/audit/entry.ts';
import { EXCERPT_FORMAT, readExcerpt, verifyExcerpt } from '../../src/audit/excerpt.ts';
import { verifyInclusion } from '../../src/audit/inclusion.ts';
import { fromHex } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { WiredHolder } from './lab-holder.ts';
import { codeOf, sharedLab, staffKeys } from './sandbox-lab.ts';

const staff = staffKeys();
const lab = sharedLab(['lu', 'jp'], staff);
let study: Study;
let holders: readonly WiredHolder[];
beforeAll(async () => {
  study = await lab.study({ rho: '1/10' });
  holders = [new WiredHolder(lab, 'lu', 3n), new WiredHolder(lab, 'jp', 4n)];
  for (const holder of holders) await holder.grant(study);
});
afterAll(() => Promise.all(holders.map((holder) => holder.close())));

const get = (path: string) => lab.call(staff.auditor, 'GET', `/v1/studies/${study.id}/log${path}`);
type Entries = { entries: { entry: { type: string }; salt: string }[]; size: number };
const entries = async () => (await get('/entries')).json<Entries>().entries;
const released = async (rho: string): Promise<void> => {
  const run = await lab.run(study, { rho, groupBy: ['sex'] });
  await Promise.all(holders.map((holder) => holder.hold(study, run)));
  const events = await lab.call(lab.keys.analyst, 'GET', `/v1/runs/${run}/events`);
  ok(events.body.includes('"state":"released"'));
};

describe('the log of a study', () => {
  test('records what was signed, reserved and released, and its auditor verifies all of it', async () => {
    await released('1/200');
    await released('1/300');
    const types = (await entries()).map(({ entry }) => entry.type);
    deepStrictEqual(types, [
      'study',
      ...['reservation', 'reservation', 'release'],
      ...['reservation', 'reservation', 'release'],
    ]);
    const { checkpoints } = (await get('/checkpoints')).json<{ checkpoints: string[] }>();
    deepStrictEqual(
      checkpoints.map((text) => readNote(text).checkpoint.size),
      [4, 7],
    );
    const excerpt: Json = {
      format: EXCERPT_FORMAT,
      study: {},
      entries: (await entries()) as unknown as Json,
      checkpoints,
    };
    const identities = new Map(study.holders.map(({ name, identity }) => [name, identity]));
    const verified = verifyExcerpt(readExcerpt(excerpt), study.id, identities);
    strictEqual(verified.cosigned, 7);
    const state = (await get('')).json<{ checkpoint: string; size: number }>();
    strictEqual(state.checkpoint, checkpoints.at(-1));
  });

  test('gives proofs by number, and refuses what it does not have', async () => {
    const { size, root } = (await get('')).json<{ size: number; root: string }>();
    const [, , third] = await entries();
    const proof = (await get(`/inclusion?index=2&size=${size}`)).json<{ path: string[] }>();
    const leaf = entryLeaf(fromHex(third?.salt ?? ''), third?.entry as unknown as Json);
    verifyInclusion({ index: 2, size, leaf, path: proof.path.map(fromHex) }, fromHex(root));
    const { checkpoints } = (await get('/checkpoints')).json<{ checkpoints: string[] }>();
    const first = readNote(checkpoints[0] ?? '').checkpoint;
    const grown = (await get(`/consistency?first=${first.size}&second=${size}`)).json<{
      path: string[];
    }>();
    verifyConsistency(
      { size: first.size, root: fromHex(first.root) },
      { size, root: fromHex(root) },
      grown.path.map(fromHex),
    );
    for (const bad of ['/inclusion?index=9&size=9', '/consistency?first=5&second=4']) {
      strictEqual(codeOf(await get(bad)), 'INVALID_PARAMETER');
    }
    strictEqual(codeOf(await get('/inclusion?index=-1&size=1')), 'INVALID_PARAMETER');
  });

  test('survives a restart, with the same root', async () => {
    const before = (await get('')).body;
    await lab.restart();
    strictEqual((await get('')).body, before);
  });

  test('a refusal has the code that was said, and a stop closes the log with a last checkpoint', async () => {
    const run = await lab.run(study, { rho: '1/400', groupBy: ['sex'] });
    const [lu, jp] = holders;
    await lu?.refuse(study, run, new Refusal('BUDGET_EXHAUSTED', 'said'));
    await jp?.refuse(study, study.id, new Refusal('STUDY_STOPPED', 'said'));
    const last = (await entries()).slice(-2).map(({ entry }) => entry as Record<string, unknown>);
    deepStrictEqual(
      last.map(({ type, holder, code, touched }) => [type, holder, code, touched]),
      [
        ['refusal', 'lu', 'BUDGET_EXHAUSTED', false],
        ['stop', 'jp', undefined, undefined],
      ],
    );
    for (const holder of holders) await holder.cosign(study, study.id);
    const { size, checkpoint } = (await get('')).json<{ size: number; checkpoint: string }>();
    strictEqual(readNote(checkpoint).checkpoint.size, size);
  });
});
