/**
 * A sandbox that was set back, and has as many frames again as a holder had read: by their count nothing is
 * missing, so the holder is not told SET_BACK. What then comes of its runs, over its real link and stores.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { encodeAnnouncement } from '../../src/audit/announcement.ts';
import type { LogEntry } from '../../src/audit/entry.ts';
import type { Digest } from '../../src/base/hash.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import {
  decodeFrame,
  encodeFrame,
  EVERYONE,
  type FrameKind,
  SANDBOX,
  unsignedFrame,
} from '../../src/flows/frame.ts';
import { decodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { HolderLink } from '../../src/holder/link.ts';
import { silentLog } from '../support/memory-ports.ts';
import { Log } from './lying-log.ts';
import { KEYS, Party, question, settle, STUDY } from './supervised.ts';

const FREE = { reserved: '0/1', spent: '0/1' };
const CHARGED = { reserved: '0/1', spent: '1/10' };

/** Of the sandbox: what it says is put into the inbox of a holder. */
const said = (kind: FrameKind, run: Digest, body: Uint8Array): Uint8Array =>
  encodeFrame(
    unsignedFrame({ study: STUDY.id, run, from: SANDBOX, to: EVERYONE, sequence: 1, kind, body }),
  );

/** What a holder put into its outbox for `run`, as it was signed. */
const sentBy = async ({ frames }: Party, run: Digest) =>
  (await frames.unsent(1000)).filter((one) => one.run === run);

/** What it says of `run` where it refuses it. */
async function refusalOf(party: Party, run: Digest): Promise<string | undefined> {
  const found = (await sentBy(party, run)).find(({ kind }) => kind === 'refusal');
  return found && decodeRefusal(decodeFrame(found.frame).body, party.name).code;
}

/** Has `party` read `inbox` behind what it has read, as its process does, until nothing is left of it. */
async function read(party: Party, inbox: readonly Uint8Array[]): Promise<void> {
  const link = new HolderLink({
    holder: party.name,
    wire: {
      poll: async (after: number, signal: AbortSignal) => {
        if (after < inbox.length) return { frames: inbox.slice(after), cursor: inbox.length };
        await sleep(10_000, undefined, { signal });
        return { frames: [], cursor: after };
      },
      push: () => Promise.reject(new Error('nothing is sent here')),
    } as unknown as SandboxWire,
    // What it sends is looked at where it is stored.
    frames: new Proxy(party.frames, {
      get(target, name) {
        if (name === 'unsent') return () => Promise.resolve([]);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    log: silentLog,
    identityOf: (name) => KEYS.identity.get(name)?.publicText,
    deliver: (frame) => party.supervisor.deliver(frame),
    conflict: (run, refusal) => void party.supervisor.end(run, refusal),
    rejected: () => Promise.resolve(true),
  });
  link.start();
  while ((await party.frames.cursor()) < inbox.length) await sleep(2);
  await link.close();
}

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1000 && !(await condition()); i += 1) await sleep(4);
};

const parties = async () => {
  const [jp, lu] = [new Party('jp'), new Party('lu')];
  for (const party of [jp, lu]) await party.accept();
  return { jp, lu };
};

/** The first messages of jp in a run, as many as it sends before it hears of lu. */
async function beginning(jp: Party, { run, body }: { run: Digest; body: Uint8Array }) {
  await jp.say('query', STUDY.id, run, body);
  await until(async () => (await sentBy(jp, run)).length > 0);
  return (await sentBy(jp, run)).filter(({ to }) => to !== SANDBOX).map(({ frame }) => frame);
}

test('a run whose first messages lie among those ends as SEQUENCE_CONFLICT, free, at every holder', async () => {
  const { jp, lu } = await parties();
  const asked = question()();
  const [plan, runKey] = await beginning(jp, asked);
  const [earlier] = await beginning(jp, question({ groupBy: ['sex'], rho: '1/100' })());
  const query = said('query', asked.run, asked.body);
  await read(lu, [earlier!, query]);
  await until(async () => (await lu.kinds(asked.run)).includes('run-key'));
  strictEqual((await lu.runs.run(asked.run))?.state, 'open');

  // Set back to before the first of the two, and asked again: two came in, and a third.
  await read(lu, [query, plan!, runKey!]);
  await until(async () => (await lu.runs.run(asked.run))?.state === 'ended');
  strictEqual((await lu.runs.run(asked.run))?.code, 'SEQUENCE_CONFLICT');
  strictEqual(await refusalOf(lu, asked.run), 'SEQUENCE_CONFLICT');
  deepStrictEqual(await lu.amounts(), FREE);
  // Whoever hears of it ends it too, and reserved nothing.
  for (const { frame } of await sentBy(lu, asked.run)) await jp.take(decodeFrame(frame));
  await until(async () => (await jp.runs.run(asked.run))?.state === 'ended');
  deepStrictEqual(await jp.amounts(), FREE);
  for (const party of [jp, lu])
    strictEqual((await party.kinds(asked.run)).includes('share'), false);
});

test('a run whose question lies among those is not begun, and nothing is signed about it', async () => {
  const { jp, lu } = await parties();
  const [asked, before] = [question()(), question({ groupBy: ['sex'], rho: '1/100' })()];
  const earlier = await beginning(jp, before);
  await read(lu, earlier.slice(0, 2));
  const [plan, runKey] = await beginning(jp, asked);
  await read(lu, [said('query', asked.run, asked.body), plan!, runKey!]);
  strictEqual(await lu.runs.run(asked.run), undefined);
  deepStrictEqual(await lu.kinds(asked.run), []);
  deepStrictEqual(await lu.amounts(), FREE);
});

test('its log of as many entries, or of more, is LOG_FORKED: no line is signed for a release on it', async () => {
  const { jp, lu } = await parties();
  const entry = (holder: string): LogEntry => ({
    type: 'stop',
    at: '2026-11-28T18:00Z',
    holder,
    frame: '7'.repeat(64),
  });
  const announced = (log: Log, from: readonly number[]): Uint8Array =>
    encodeAnnouncement(log.announce(entry('jp'), from));
  const log = new Log();
  for (const holder of ['lu', 'jp']) log.add(entry(holder));
  await lu.say('checkpoint', STUDY.id, STUDY.id, announced(log, []));
  deepStrictEqual(await lu.kinds(STUDY.id), ['accepted', 'cosignature']);

  const asked = question();
  for (const [attempt, entries] of [
    [1, ['be', 'jp']],
    [2, ['be', 'jp', 'jp']],
  ] as const) {
    const { run, body } = asked(attempt);
    for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
    await settle(jp, lu);
    strictEqual((await lu.runs.run(run))?.state, 'attested');
    const other = new Log();
    for (const holder of entries) other.add(entry(holder));
    await lu.say('checkpoint', STUDY.id, run, announced(other, entries.length > 2 ? [2] : []));
    strictEqual(await refusalOf(lu, run), 'LOG_FORKED');
    strictEqual((await lu.kinds(run)).includes('cosignature'), false);
  }
  deepStrictEqual(await lu.amounts(), CHARGED);
  deepStrictEqual((await lu.kinds(STUDY.id)).length, 2);
});
