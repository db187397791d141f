/**
 * A frame that the sandbox refuses for good in the middle of a run: over the holder's real link, flows and stores the run
 * ends, at every holder, with the charge that it had and no second share.
 */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, onTestFinished, test } from 'vitest';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import type { Digest } from '../../src/base/hash.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import { decodeFrame, EVERYONE, type Frame, type FrameKind } from '../../src/flows/frame.ts';
import { decodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { HolderLink } from '../../src/holder/link.ts';
import { endRejected } from '../../src/holder/rejected-frame.ts';
import { silentLog } from '../support/memory-ports.ts';
import { KEYS, Party, question, STUDY } from './supervised.ts';

const FREE = { reserved: '0/1', spent: '0/1' };
const CHARGED = { reserved: '0/1', spent: '1/10' };

/**
 * Numbers as the sandbox does (engine/stores/sandbox-frames.ts): a refusal behind a gap is handed on, so that whoever
 * gets it sees the gap.
 */
class Line {
  readonly taken: Frame[] = [];
  readonly #inboxes = new Map<string, Uint8Array[]>();
  refuse: ((frame: Frame) => ErrorCode | undefined) | undefined;

  push(bytes: Uint8Array): Promise<void> {
    const frame = decodeFrame(bytes);
    const { from, to, run, sequence, kind } = frame;
    const before = this.taken.filter(
      (one) => one.from === from && one.to === to && one.run === run,
    ).length;
    const gap = sequence > before + 1;
    const code =
      this.refuse?.(frame) ?? (gap && kind !== 'refusal' ? 'SEQUENCE_CONFLICT' : undefined);
    if (code !== undefined) return Promise.reject(new Refusal(code, kind));
    if (sequence <= before) return Promise.resolve();
    this.taken.push(frame);
    for (const name of ['jp', 'lu'])
      if (name !== from && (to === EVERYONE || to === name)) this.inbox(name).push(bytes);
    return Promise.resolve();
  }

  inbox(name: string): Uint8Array[] {
    const found = this.#inboxes.get(name) ?? [];
    this.#inboxes.set(name, found);
    return found;
  }

  connect(party: Party): HolderLink {
    const inbox = this.inbox(party.name);
    const wire: Pick<SandboxWire, 'poll' | 'push'> = {
      poll: async (after, signal) => {
        if (after >= inbox.length) await sleep(5, undefined, { signal });
        return { frames: inbox.slice(after), cursor: inbox.length };
      },
      push: (_run, bytes) => this.push(bytes),
    };
    const key = KEYS.identity.get(party.name)!;
    // The outbox of this process has nobody else to tell that it has grown.
    const link: HolderLink = new HolderLink({
      holder: party.name,
      wire: wire as SandboxWire,
      frames: party.frames,
      log: silentLog,
      identityOf: (name) => KEYS.identity.get(name)?.publicText,
      deliver: (frame) => party.supervisor.deliver(frame),
      conflict: (run, refusal) => void party.supervisor.end(run, refusal),
      rejected: (run, refusal) =>
        endRejected(run, refusal, {
          ...{ holder: party.name, key, runs: party.runs, frames: party.frames },
          end: (one, final) => party.supervisor.end(one, final),
          wake: () => link.wake(),
        }),
    });
    const timer = setInterval(() => link.wake(), 5);
    link.start();
    onTestFinished(async () => {
      clearInterval(timer);
      await link.close();
    });
    return link;
  }
}

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 2000 && !(await condition()); i += 1) await sleep(4);
};

const ended = async (party: Party, run: Digest): Promise<string> => {
  await until(async () => !['open', undefined].includes((await party.runs.run(run))?.state));
  const stored = await party.runs.run(run);
  return `${stored?.state} ${stored?.code}`;
};

async function started() {
  const line = new Line();
  const [jp, lu] = [new Party('jp'), new Party('lu')];
  for (const party of [jp, lu]) {
    await party.accept();
    line.connect(party);
  }
  const asked = question();
  const begin = async (attempt: number): Promise<Digest> => {
    const { run, body } = asked(attempt);
    for (const party of [jp, lu]) await party.say('query', STUDY.id, run, body);
    return run;
  };
  return { line, jp, lu, begin };
}

const refusalsOf = (line: Line, run: Digest) =>
  line.taken
    .filter((frame) => frame.run === run && frame.kind === 'refusal')
    .map(({ from, body }) => ({ from, ...decodeRefusal(body, from) }));

describe('a frame of lu that the sandbox refuses for good', () => {
  const cases: [FrameKind, ErrorCode, string, typeof FREE][] = [
    ['run-key', 'SEQUENCE_CONFLICT', 'SEQUENCE_CONFLICT', FREE],
    ['plan', 'FORBIDDEN', 'RUN_INCOMPLETE', FREE],
    ['contribution', 'PAYLOAD_TOO_LARGE', 'RUN_INCOMPLETE', CHARGED],
  ];
  for (const [kind, said, code, amounts] of cases) {
    test(`${kind}, ${said}: the run ends ${code} here, and at the other holder`, async () => {
      const { line, jp, lu, begin } = await started();
      line.refuse = (frame) => (frame.from === 'lu' && frame.kind === kind ? said : undefined);
      const run = await begin(1);
      strictEqual(await ended(lu, run), `ended ${code}`);
      deepStrictEqual(await lu.amounts(), amounts);
      // What lu signs comes behind the gap, and that gap is what jp sees.
      strictEqual(await ended(jp, run), 'ended SEQUENCE_CONFLICT');
      await until(async () => refusalsOf(line, run).length === 2);
      const words = refusalsOf(line, run);
      deepStrictEqual(words.map(({ from, code: own }) => [from, own]).sort(), [
        ['jp', 'SEQUENCE_CONFLICT'],
        ['lu', code],
      ]);
      strictEqual(words.find(({ from }) => from === 'lu')?.touched, amounts === CHARGED);
    });
  }

  test('its share: jp cannot go on, whether or not lu had attested; asked again it is another run, free', async () => {
    const { line, jp, lu, begin } = await started();
    line.refuse = ({ from, kind }) =>
      from === 'lu' && kind === 'share' ? 'SEQUENCE_CONFLICT' : undefined;
    const first = await begin(1);
    strictEqual(await ended(jp, first), 'ended SEQUENCE_CONFLICT');
    match(await ended(lu, first), /^(attested null|ended SEQUENCE_CONFLICT)$/);
    await until(async () => refusalsOf(line, first).some(({ from }) => from === 'lu'));
    strictEqual(refusalsOf(line, first).find(({ from }) => from === 'lu')?.touched, true);
    line.refuse = undefined;
    const second = await begin(2);
    for (const party of [lu, jp]) {
      strictEqual(await ended(party, second), 'attested null');
      deepStrictEqual(await party.amounts(), CHARGED);
    }
    const shares = line.taken.filter(({ from, kind }) => from === 'lu' && kind === 'share');
    deepStrictEqual(
      shares.map(({ run }) => run),
      [second],
    );
  });

  test('its receipt, once it had attested: the sandbox hears that it will not come', async () => {
    const { line, jp, lu, begin } = await started();
    line.refuse = ({ from, kind }) =>
      from === 'lu' && kind === 'receipt' ? 'SEQUENCE_CONFLICT' : undefined;
    const run = await begin(1);
    for (const party of [lu, jp]) strictEqual(await ended(party, run), 'attested null');
    await until(async () => refusalsOf(line, run).length > 0);
    deepStrictEqual(refusalsOf(line, run), [
      { from: 'lu', code: 'SEQUENCE_CONFLICT', touched: true },
    ]);
  });
});
