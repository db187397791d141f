/** Runs while a sandbox keeps an amendment back from one holder, and when a holder dies behind a narrowing. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import type { Digest } from '../../src/base/hash.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { decodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { EVERYONE } from '../../src/flows/frame.ts';
import { readPartlySigned, readSignedStudy } from '../../src/flows/study-terms.ts';
import { amendedStudy } from '../support/study.ts';
import { KEYS, Party, question, settle, SIGNED_JSON, STUDY } from './supervised.ts';

type Draft = Record<string, Json>;

const FREE = { reserved: '0/1', spent: '0/1' };
const CHARGED = { reserved: '0/1', spent: '1/10' };
const bob = SigningKey.generate().publicText;
const first = SIGNED_JSON;
const wide = amendedStudy(first, KEYS, (draft: Draft) => ({
  ...draft,
  analysts: [...(draft['analysts'] as Json[]), { name: 'bob', key: bob }],
}));
const WIDE = readSignedStudy(wide);
const without = amendedStudy(first, KEYS, (draft: Draft) => ({ ...draft, minimumCell: 5 }), ['lu']);
const NARROW = readPartlySigned(without).study;

async function two(): Promise<{ jp: Party; lu: Party }> {
  const [jp, lu] = [new Party('jp'), new Party('lu')];
  for (const party of [jp, lu]) await party.accept();
  return { jp, lu };
}
const ask = async ({ run, body }: { run: Digest; body: Uint8Array }, ...parties: Party[]) => {
  for (const party of parties) await party.say('query', STUDY.id, run, body);
  await settle(...parties);
};
const refusedBy = async (party: Party, run: Digest): Promise<string> => {
  const body = await party.frames.sentBody(run, EVERYONE, 'refusal');
  return body === undefined ? 'none' : decodeRefusal(body, party.name).code;
};

test('kept back from one holder: queries of either version are refused at both, in words, and free', async () => {
  const { jp, lu } = await two();
  await jp.say('study', STUDY.id, WIDE.agreement, canonicalBytes(wide));
  equal((await jp.studies.open(STUDY.id)).version, 2);
  const [old, fresh] = [question()(), question(undefined, WIDE)()];
  await ask(fresh, jp, lu);
  equal(await refusedBy(lu, fresh.run), 'STUDY_UNKNOWN');
  ok(!['none', 'INTERNAL'].includes(await refusedBy(jp, fresh.run)));
  await ask(old, jp, lu);
  equal(await refusedBy(jp, old.run), 'STUDY_AMENDED');
  for (const party of [jp, lu]) {
    deepStrictEqual(await party.amounts(), FREE);
    for (const { state } of await party.runs.runs()) equal(state, 'ended');
  }
  // The control: it is handed on, and the same question in the version of both is answered.
  await lu.say('study', STUDY.id, WIDE.agreement, canonicalBytes(wide));
  const both = question(undefined, WIDE)();
  await ask(both, jp, lu);
  for (const party of [jp, lu]) {
    equal((await party.runs.run(both.run))?.state, 'attested');
    deepStrictEqual(await party.amounts(), CHARGED);
  }
});

test('shown two that everybody signed: no query of either is answered, free and in words, until a stop', async () => {
  const { jp, lu } = await two();
  const rival = amendedStudy(first, KEYS, (draft: Draft) => ({ ...draft, minimumCell: 3 }));
  const RIVAL = readSignedStudy(rival);
  await jp.say('study', STUDY.id, WIDE.agreement, canonicalBytes(wide));
  await lu.say('study', STUDY.id, RIVAL.agreement, canonicalBytes(rival));
  // Each hears of the other's, and keeps its own.
  await lu.say('study', STUDY.id, WIDE.agreement, canonicalBytes(wide));
  await jp.say('study', STUDY.id, RIVAL.agreement, canonicalBytes(rival));
  equal(await refusedBy(lu, WIDE.agreement), 'AMENDMENT_CONFLICT');
  equal(await refusedBy(jp, RIVAL.agreement), 'AMENDMENT_CONFLICT');
  equal((await jp.studies.open(STUDY.id)).agreement, WIDE.agreement);
  equal((await lu.studies.open(STUDY.id)).agreement, RIVAL.agreement);
  for (const [version, other] of [
    [WIDE, lu],
    [RIVAL, jp],
  ] as const) {
    const asked = question(undefined, version)();
    await ask(asked, jp, lu);
    equal(await refusedBy(other, asked.run), 'STUDY_UNKNOWN');
  }
  // A later one that comes behind either is no way out: it is not behind the other's.
  const next = amendedStudy(wide, KEYS, (draft: Draft) => ({ ...draft, minimumCell: 3 }));
  await lu.say('study', STUDY.id, readSignedStudy(next).agreement, canonicalBytes(next));
  equal((await lu.studies.open(STUDY.id)).agreement, RIVAL.agreement);
  for (const party of [jp, lu]) {
    deepStrictEqual(await party.amounts(), FREE);
    for (const { state } of await party.runs.runs()) equal(state, 'ended');
    await party.supervisor.stop(STUDY.id);
    equal((await party.runs.study(STUDY.id))?.state, 'stopped');
  }
});

test('dead behind the writing of a narrowing: it binds after the start, once, and is heard again', async () => {
  const { jp, lu } = await two();
  await lu.say('study', STUDY.id, NARROW.agreement, canonicalBytes(without));
  await lu.restart();
  equal((await lu.studies.narrowings(await lu.studies.open(STUDY.id))).length, 1);
  const asked = question()();
  await ask(asked, jp, lu);
  equal(await refusedBy(lu, asked.run), 'STUDY_NARROWED');
  for (const party of [jp, lu]) deepStrictEqual(await party.amounts(), FREE);
  // Not acknowledged when it died: it comes again.
  await lu.say('study', STUDY.id, NARROW.agreement, canonicalBytes(without));
  equal((await lu.studies.narrowings(await lu.studies.open(STUDY.id))).length, 1);
  deepStrictEqual(await lu.kinds(NARROW.agreement), []);
});
