/** What a holder does, and signs, when the sandbox is the adversary or the process dies. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Refusal } from '../../src/base/errors.ts';
import { decodeFrame, EVERYONE, signFrame } from '../../src/flows/frame.ts';
import { decodeRefusal, encodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { carry, KEYS, Party, question, settle, SIGNED_STUDY, STUDY } from './supervised.ts';

const GARBAGE = utf8('{"query":');
const FREE = { reserved: '0/1', spent: '0/1' };
const CHARGED = { reserved: '0/1', spent: '1/10' };

async function two(): Promise<{ jp: Party; lu: Party }> {
  const [jp, lu] = [new Party('jp'), new Party('lu')];
  await jp.accept();
  await lu.accept();
  return { jp, lu };
}

describe('a run', () => {
  test('ends attested, charged once, and its keys are gone', async () => {
    const { jp, lu } = await two();
    const { run, body } = question()();
    for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    for (const party of [jp, lu]) {
      strictEqual((await party.runs.run(run))?.state, 'attested');
      deepStrictEqual(await party.amounts(), CHARGED);
      const steps = await party.store.all(party.store.db.selectFrom('step').select('name'));
      const names = steps.map(({ name }) => name);
      strictEqual(names.includes('share'), true, 'what was given stays known');
      deepStrictEqual(
        names.filter((name) => name.includes('key')),
        [],
      );
    }
    strictEqual((await lu.frames.body(run, 'mask-key', 'jp'))?.length, 0);
    strictEqual((await lu.frames.body(run, 'contribution', 'jp'))?.length, 0);
  });

  test('the attempts of one signed query, presented at once: one charge', async () => {
    const { jp, lu } = await two();
    const asked = question();
    const attempts = [1, 2, 3, 4].map((attempt) => asked(attempt));
    for (const { run, body } of attempts) {
      for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
    }
    await settle(jp, lu);
    for (const { run } of attempts) strictEqual((await jp.runs.run(run))?.state, 'attested');
    deepStrictEqual(await jp.amounts(), CHARGED);
    deepStrictEqual(await lu.amounts(), CHARGED);
  });
});

describe('a sandbox that makes things up', () => {
  test('nothing that it says of a run under way is signed as a refusal of it', async () => {
    const { jp, lu } = await two();
    const { run, body } = question()();
    await lu.say('query', STUDY.id, run, body);
    await lu.say('query', STUDY.id, run, GARBAGE);
    await lu.say('query', STUDY.id, run, utf8(` ${Buffer.from(body).toString()}`));
    await lu.say('query', 'f'.repeat(64), run, body);
    await lu.say('study', run, run, GARBAGE);
    await lu.say('study', run, run, SIGNED_STUDY);
    strictEqual((await lu.kinds(run)).includes('refusal'), false);
    await jp.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    strictEqual((await lu.runs.run(run))?.state, 'attested');
  });

  test('a study that was accepted is not refused in its name', async () => {
    const { lu } = await two();
    await lu.say('study', STUDY.id, STUDY.id, GARBAGE);
    await lu.say('query', STUDY.id, STUDY.id, GARBAGE);
    deepStrictEqual(await lu.kinds(STUDY.id), ['accepted']);
  });

  test('a study under the name of another is not accepted', async () => {
    const lu = new Party('lu');
    await lu.say('study', 'f'.repeat(64), 'f'.repeat(64), SIGNED_STUDY);
    strictEqual(await lu.runs.study(STUDY.id), undefined);
    await rejects(async () => lu.ledger.account(STUDY.id), { code: 'STUDY_UNKNOWN' });
  });

  test('a run that it got refused beforehand never starts', async () => {
    const { jp, lu } = await two();
    const { run, body } = question()();
    await lu.say('query', STUDY.id, run, GARBAGE);
    await lu.say('query', STUDY.id, run, body);
    await jp.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    deepStrictEqual(await lu.kinds(run), ['refusal']);
    strictEqual((await lu.runs.run(run))?.state, 'ended');
    deepStrictEqual(await lu.amounts(), FREE);
    deepStrictEqual(await jp.amounts(), FREE);
  });

  test('a holder of another study cannot end the run', async () => {
    const { jp, lu } = await two();
    const { run, body } = question()();
    await lu.say('query', STUDY.id, run, body);
    const refusal = encodeRefusal(new Refusal('STUDY_STOPPED', 'test'), false);
    const head = { study: STUDY.id, run, from: 'fr', to: EVERYONE, sequence: 1 };
    await lu.take(signFrame({ ...head, kind: 'refusal', body: refusal }, SigningKey.generate()));
    await jp.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    strictEqual((await lu.runs.run(run))?.state, 'attested');
  });
});

describe('a process that dies', () => {
  test('after it signed a refusal: it never goes on, and the reservation is free', async () => {
    const { jp, lu } = await two();
    const { run, body } = question()();
    await lu.say('query', STUDY.id, run, body);
    await jp.say('query', STUDY.id, run, body);
    // lu has reserved and waits for jp, whose reservation does not come.
    const waits = async (): Promise<boolean> => {
      const kinds = await Promise.all([jp, lu].map((party) => party.kinds(run)));
      return kinds.every((sent) => sent.includes('reservation'));
    };
    await carry([jp, lu], waits, 'jp/reservation');
    deepStrictEqual(await lu.amounts(), { reserved: '1/10', spent: '0/1' });
    const key = KEYS.identity.get('lu') ?? SigningKey.generate();
    const refusal = encodeRefusal(new Refusal('SEQUENCE_CONFLICT', 'test'), false);
    await lu.frames.enqueue(run, EVERYONE, 'refusal', (sequence) =>
      signFrame(
        {
          study: STUDY.id,
          run,
          from: 'lu',
          to: EVERYONE,
          sequence,
          kind: 'refusal',
          body: refusal,
        },
        key,
      ),
    );
    await lu.restart();
    await settle(jp, lu);
    strictEqual((await lu.runs.run(run))?.state, 'ended');
    strictEqual((await lu.kinds(run)).includes('contribution'), false);
    deepStrictEqual(await lu.amounts(), FREE);
  });

  test('with a settled free run of a study that was stopped meanwhile: it starts', async () => {
    const { jp, lu } = await two();
    const asked = question();
    for (const attempt of [1, 2]) {
      const { run, body } = asked(attempt);
      for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
      await settle(jp, lu);
    }
    const { run } = asked(2);
    strictEqual(await lu.ledger.touched(run), false);
    // It died between the settlement and the note of it.
    const { db } = lu.store;
    await lu.store.run(db.updateTable('run').set({ state: 'open' }).where('id', '=', run));
    await lu.runs.stopStudy(STUDY.id);
    await lu.restart();
    await settle(jp, lu);
    strictEqual((await lu.runs.run(run))?.state, 'ended');
    deepStrictEqual(await lu.amounts(), CHARGED);
  });
});

test('a full key epoch: refused free, with the next one; an older one is refused for ever', async () => {
  const { jp, lu } = await two();
  const ask = async (rho: string, epoch: number) => {
    const { run, body } = question({ rho })(1, epoch);
    for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    const kept = await Promise.all([jp, lu].map(({ runs }) => runs.run(run)));
    return kept.map((stored) => stored?.code ?? stored?.state);
  };
  const attested = ['attested', 'attested'];
  for (const rho of ['1/101', '1/102', '1/103', '1/104'])
    deepStrictEqual(await ask(rho, 1), attested);
  const spent = await jp.amounts();
  deepStrictEqual(await ask('1/105', 1), ['KEY_EPOCH', 'KEY_EPOCH']);
  deepStrictEqual(await jp.amounts(), spent, 'nothing was charged');
  await lu.restart();
  deepStrictEqual(await ask('1/105', 2), attested);
  // There is room for nothing in epoch 1 any more, also for what had room.
  await lu.store.run(lu.store.db.deleteFrom('key_use'));
  const { run, body } = question({ rho: '1/106' })(1, 1);
  await lu.say('query', STUDY.id, run, body);
  await carry([lu], async () => (await lu.runs.run(run))?.state === 'ended');
  const sent = await lu.store.all(
    lu.store.db.selectFrom('outbox').select('frame').where('run', '=', run),
  );
  const said = sent.map(({ frame }) => decodeFrame(frame)).find(({ kind }) => kind === 'refusal');
  deepStrictEqual(decodeRefusal(said?.body ?? new Uint8Array(0), 'lu'), {
    code: 'KEY_EPOCH',
    touched: false,
    epoch: 2,
  });
});

test('a stop while the sandbox is away: nothing but refusals leaves later', async () => {
  const { jp, lu } = await two();
  const { run, body } = question()();
  for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
  await carry(
    [jp, lu],
    async () => (await lu.kinds(run)).includes('contribution'),
    'lu/contribution',
  );
  strictEqual((await lu.kinds(run)).includes('contribution'), true);
  await lu.supervisor.stop(STUDY.id);
  const waiting = await lu.frames.unsent(64);
  strictEqual((await lu.kinds(run)).includes('contribution'), false);
  await settle(jp, lu);
  strictEqual(waiting.length > 0, true);
  strictEqual((await lu.runs.run(run))?.code, 'STUDY_STOPPED');
  strictEqual(await jp.frames.body(run, 'contribution', 'lu'), undefined);
});
