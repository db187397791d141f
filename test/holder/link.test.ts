/** What the link does with frames of a sandbox that does not do as it should. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, onTestFinished, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import {
  HOLDER_FRAME_MIGRATIONS,
  HolderFrames,
  type HolderFrameTables,
} from '../../src/engine/stores/holder-frames.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import { decodeFrame, encodeFrame, type Frame, signFrame } from '../../src/flows/frame.ts';
import { HolderLink, type LinkOptions } from '../../src/holder/link.ts';
import { silentLog } from '../support/memory-ports.ts';
import { scratch } from '../support/scratch.ts';

const jp = SigningKey.generate();
const [STUDY, RUN] = ['a'.repeat(64), 'b'.repeat(64)];

const frame = (change: Partial<Frame> = {}, key = jp): Frame =>
  signFrame(
    {
      study: STUDY,
      run: RUN,
      from: 'jp',
      to: '*',
      sequence: 1,
      kind: 'plan',
      body: Uint8Array.of(1),
      ...change,
    },
    key,
  );

type Inbox = readonly Uint8Array[];

/** Reads `inbox` once, then nothing more comes; returns what was delivered. */
type Read = {
  readonly kinds: string[];
  readonly conflicts: string[];
  readonly frames: HolderFrames;
};

/** `fails` times a delivery fails as it does in a process that ends. */
async function delivered(inbox: Inbox, fails = 0): Promise<Read> {
  const store = openStore<HolderFrameTables>(
    path.join(scratch(), 'store.db'),
    HOLDER_FRAME_MIGRATIONS,
  );
  onTestFinished(async () => {
    await store.close();
  });
  const frames = new HolderFrames(store);
  const kinds: string[] = [];
  const conflicts: string[] = [];
  let polls = 0;
  let left = fails;
  const wire: Pick<SandboxWire, 'poll' | 'push'> = {
    poll: async (after, signal) => {
      polls += 1;
      if (after < inbox.length) return { frames: inbox.slice(after), cursor: inbox.length };
      await sleep(10_000, undefined, { signal });
      return { frames: [], cursor: after };
    },
    push: () => Promise.resolve(),
  };
  const link = new HolderLink({
    holder: 'lu',
    wire: wire as SandboxWire,
    frames,
    log: silentLog,
    identityOf: (name) => (name === 'jp' ? jp.publicText : undefined),
    deliver: ({ kind, sequence }) => {
      left -= 1;
      if (left >= 0) return Promise.reject(new Refusal('SHUTTING_DOWN', 'killed'));
      kinds.push(`${kind} ${sequence}`);
      return Promise.resolve();
    },
    conflict: (run, { code }) => conflicts.push(`${code} ${run}`),
    rejected: () => Promise.resolve(true),
  });
  link.start();
  while (polls < 2 || left > 0) await sleep(5);
  for (let i = 0; i < 200 && (await frames.cursor()) < inbox.length; i += 1) await sleep(5);
  await link.close();
  strictEqual(await frames.cursor(), inbox.length, 'everything was acknowledged');
  return { kinds, conflicts, frames };
}

/** A link of lu that sends what is in its outbox, and is delivered nothing. */
const sendingLink = (
  wire: Pick<SandboxWire, 'poll' | 'push'>,
  frames: HolderFrames,
  rejected: LinkOptions['rejected'] = () => Promise.resolve(true),
): HolderLink =>
  new HolderLink({
    holder: 'lu',
    wire: wire as SandboxWire,
    frames,
    log: silentLog,
    identityOf: () => undefined,
    deliver: () => Promise.resolve(),
    conflict: () => undefined,
    rejected,
  });

const bytes = (...list: readonly Frame[]): Inbox => list.map(encodeFrame);

test('where an inbox is full its run waits, in order, and other runs go on', async () => {
  const store = openStore<HolderFrameTables>(
    path.join(scratch(), 'store.db'),
    HOLDER_FRAME_MIGRATIONS,
  );
  onTestFinished(() => store.close());
  const frames = new HolderFrames(store);
  const OTHER = 'c'.repeat(64);
  for (const [run, kind] of [
    [RUN, 'plan'],
    [RUN, 'run-key'],
    [OTHER, 'plan'],
  ] as const) {
    await frames.enqueue(run, '*', kind, (sequence) => frame({ run, kind, sequence, from: 'lu' }));
  }
  const pushed: string[] = [];
  let full = true;
  const wire: Pick<SandboxWire, 'poll' | 'push'> = {
    poll: async (after, signal) => {
      await sleep(10_000, undefined, { signal });
      return { frames: [], cursor: after };
    },
    push: (run, bytes) => {
      if (full && run === RUN) {
        pushed.push('full');
        return Promise.reject(new Refusal('INBOX_FULL', 'of jp'));
      }
      pushed.push(`${run.slice(0, 1)} ${decodeFrame(bytes).kind}`);
      return Promise.resolve();
    },
  };
  const link = sendingLink(wire, frames);
  link.start();
  while (!pushed.includes('c plan')) await sleep(5);
  deepStrictEqual(pushed, ['full', 'c plan']);
  full = false;
  while ((await frames.unsent(9)).length > 0) await sleep(5);
  deepStrictEqual(pushed.slice(-2), ['b plan', 'b run-key']);
  await link.close();
});

describe('frames of a deviating sandbox', () => {
  test('in order, signed: delivered and stored', async () => {
    const { kinds, frames } = await delivered(
      bytes(frame(), frame({ sequence: 2, kind: 'run-key', body: Uint8Array.of(2) })),
    );
    deepStrictEqual(kinds, ['plan 1', 'run-key 2']);
    deepStrictEqual(await frames.body(RUN, 'run-key', 'jp'), Uint8Array.of(2));
  });

  test('the question of a holder that recovers is answered before it is acknowledged', async () => {
    const { kinds } = await delivered(bytes(frame({ kind: 'recover' })), 1);
    deepStrictEqual(kinds, ['recover 1'], 'asked again after the process was killed');
  });

  const refused: Record<string, Inbox> = {
    'an altered body': bytes({ ...frame(), body: Uint8Array.of(9) }),
    'an altered signature': bytes({ ...frame(), signature: frame().signature.map((b) => b ^ 1) }),
    'signed by somebody else': bytes(frame({}, SigningKey.generate())),
    'from nobody we know': bytes(frame({ from: 'fr' })),
    'in our own name': bytes(frame({ from: 'lu' })),
    'to another holder': bytes(frame({ to: 'fr' })),
    'without a signature': bytes({ ...frame(), signature: new Uint8Array(0) }),
    'a number was left out': bytes(frame({ sequence: 2 })),
    'no frame at all': [Uint8Array.of(0xff, 0x00)],
    'another version': [encodeFrame(frame()).map((b, i) => (i === 1 ? 2 : b))],
  };
  for (const [name, inbox] of Object.entries(refused)) {
    test(`${name}: not delivered, not stored`, async () => {
      const { kinds, conflicts, frames } = await delivered(inbox);
      deepStrictEqual(kinds, []);
      const left = name === 'a number was left out';
      deepStrictEqual(conflicts, left ? [`SEQUENCE_CONFLICT ${RUN}`] : []);
      strictEqual(await frames.body(RUN, 'plan', 'jp'), undefined);
    });
  }

  test('twice: delivered once; the number again with other content: the first stays, and the run ends', async () => {
    const other = frame({ body: Uint8Array.of(7) });
    const { kinds, conflicts, frames } = await delivered(bytes(frame(), frame(), other));
    deepStrictEqual(kinds, ['plan 1']);
    deepStrictEqual(conflicts, [`SEQUENCE_CONFLICT ${RUN}`]);
    deepStrictEqual(await frames.body(RUN, 'plan', 'jp'), Uint8Array.of(1));
  });

  test('a frame the sandbox will never take does not block the ones behind it', async () => {
    const { frames, pushed } = await refusing(() => true);
    deepStrictEqual(pushed, ['plan', 'run-key'], 'each once, and a kind is stored once');
    deepStrictEqual(await frames.unsent(9), []);
  });

  test('while its run goes on here it stays in the outbox, so that a process that dies is told again', async () => {
    const asked: string[] = [];
    const { pushed } = await refusing((run, { code }) => asked.push(`${code} ${run}`) > 2);
    deepStrictEqual(asked, Array(3).fill(`MALFORMED_MESSAGE ${RUN}`));
    deepStrictEqual(pushed, ['plan', 'plan', 'plan', 'run-key']);
  });
});

/** A sandbox that refuses every plan for good; what was pushed until nothing is left. */
async function refusing(over: (run: string, refusal: Refusal) => boolean) {
  const store = openStore<HolderFrameTables>(
    path.join(scratch(), 'store.db'),
    HOLDER_FRAME_MIGRATIONS,
  );
  onTestFinished(() => store.close());
  const frames = new HolderFrames(store);
  const own = SigningKey.generate();
  for (const kind of ['plan', 'run-key'] as const) {
    await frames.enqueue(RUN, '*', kind, (sequence) => frame({ from: 'lu', sequence, kind }, own));
    await frames.enqueue(RUN, '*', kind, () => frame({ from: 'lu', sequence: 99, kind }, own));
  }
  const pushed: string[] = [];
  const wire: Pick<SandboxWire, 'poll' | 'push'> = {
    poll: (_after, signal) => sleep(10_000, { frames: [], cursor: 0 }, { signal }),
    push: async (_run, sent) => {
      const { kind } = decodeFrame(sent);
      pushed.push(kind);
      if (kind === 'plan') throw new Refusal('MALFORMED_MESSAGE', 'test');
    },
  };
  const link = sendingLink(wire, frames, async (run, refusal) => over(run, refusal));
  link.start();
  while ((await frames.unsent(10)).length > 0) await sleep(5);
  await link.close();
  return { frames, pushed };
}
