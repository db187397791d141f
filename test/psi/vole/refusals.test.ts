/** What a faulty peer or line does to a party: a refusal with the right code, never a wrong result or a hang. */
import { deepStrictEqual, equal, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { MAX_FRAME_BYTES } from '../../../src/psi/channel.ts';
import { voleParameters } from '../../../src/psi/vole/parameters.ts';
import { voleReceive } from '../../../src/psi/vole/receiver.ts';
import { voleSend } from '../../../src/psi/vole/sender.ts';
import { refusal } from '../../support/refusal.ts';
import { Link, names, type Party, session, type Tamper } from './sessions.ts';

/** The code with which the party that reads frame `number` of `from` refuses. */
async function refused(from: Party, number: number, change: Tamper): Promise<string> {
  try {
    await session(names(5), names(5), {
      tamper: (sent, n) => (sent.from === from && n === number ? change(sent, n) : [sent.frame]),
    });
  } catch (error) {
    if (error instanceof Refusal) return String(error.code);
    throw error;
  }
  return 'nothing was refused';
}

const FRAMES: readonly (readonly [string, Party, number])[] = [
  ['request', 'receiver', 0],
  ['response', 'sender', 0],
  ['extension', 'receiver', 1],
  ['trees', 'sender', 1],
  ['bin', 'receiver', 2],
  ['masks', 'sender', 3],
];

const CHANGES: readonly (readonly [string, string, Tamper])[] = [
  ['truncated', 'MALFORMED_MESSAGE', ({ frame }) => [frame.slice(0, -1)]],
  ['trailing', 'MALFORMED_MESSAGE', ({ frame }) => [new Uint8Array([...frame, 0])]],
  ['empty', 'MALFORMED_MESSAGE', () => [new Uint8Array(0)]],
  ['of another kind', 'PROTOCOL_STATE', ({ frame }) => [frame.with(0, 99)]],
  ['of another number', 'PROTOCOL_STATE', ({ frame }) => [frame.with(1, 77)]],
];

describe('a frame of the peer', () => {
  for (const [frame, from, number] of FRAMES.filter(([name]) => name !== 'trees')) {
    const [name, code, change] = CHANGES[number % CHANGES.length]!;
    test(`${frame} ${name}`, async () => equal(await refused(from, number, change), code));
  }
  for (const [name, code, change] of CHANGES) {
    test(`trees ${name}`, async () => equal(await refused('sender', 1, change), code));
  }

  test('oversized', async () => {
    const change: Tamper = () => [new Uint8Array(MAX_FRAME_BYTES + 1)];
    equal(await refused('sender', 0, change), 'MALFORMED_MESSAGE');
  });

  test('replayed', async () => {
    equal(await refused('receiver', 0, ({ frame }) => [frame, frame]), 'PROTOCOL_STATE');
  });

  test('reordered', async () => {
    const held: Uint8Array[] = [];
    const swap: Tamper = ({ from, frame }, n) => {
      if (from !== 'sender' || n < 1 || n > 2) return [frame];
      held.push(frame);
      return n === 1 ? [] : held.toReversed();
    };
    await rejects(session(names(5), names(5), { tamper: swap }), refusal('PROTOCOL_STATE'));
  });

  test('no bytes at all', async () => {
    const channel = { send: async () => {}, receive: async () => 'x' as unknown as Uint8Array };
    await rejects(voleReceive(['a'], channel), refusal('MALFORMED_MESSAGE'));
  });
});

describe('a greeting', () => {
  const at =
    (index: number, value: number): Tamper =>
    ({ frame }) => [frame.with(5 + index, value)];
  test('of another version', async () =>
    equal(await refused('receiver', 0, at(0, 9)), 'UNSUPPORTED_VERSION'));
  test('of another parameter set', async () =>
    equal(await refused('sender', 0, at(1, 9)), 'UNSUPPORTED_VERSION'));
  test('of another mode', async () =>
    equal(await refused('sender', 0, at(2, 1)), 'PROTOCOL_STATE'));
  test('with more items than the range has', async () =>
    equal(await refused('sender', 0, at(6, 2)), 'MALFORMED_MESSAGE'));
  test('with another number of items than its sender uses', async () => {
    // The other side waits for messages of other lengths.
    equal(await refused('receiver', 0, at(4, 0x70)), 'MALFORMED_MESSAGE');
  });
  test('with a point off the curve', async () => {
    equal(await refused('receiver', 0, at(30, 1)), 'MALFORMED_MESSAGE');
    equal(await refused('sender', 0, at(30, 1)), 'MALFORMED_MESSAGE');
  });
});

test('garbage of the right shape gives a result or none, and no match that is not one', async () => {
  const noise: Tamper = ({ from, frame }, n) =>
    from === 'sender' && n > 0 ? [frame.map((byte, i) => (i < 5 ? byte : byte ^ 0x5a))] : [frame];
  const { received } = await session(names(5), names(5), { tamper: noise });
  deepStrictEqual([...received.matches], []);
});

test('a peer that dies ends the other side with the error of the channel', async () => {
  for (const frames of [0, 1, 2]) {
    const link = new Link(({ frame }, n) => (n < frames ? [frame] : []));
    const sender = voleSend(names(5), link.end('sender'));
    const receiver = voleReceive(names(5), link.end('receiver'));
    const both = Promise.allSettled([sender, receiver]);
    setTimeout(() => link.close(), 150);
    for (const { status, ...rest } of await both) {
      equal(status, 'rejected');
      deepStrictEqual((rest as { reason: Error }).reason.message, 'the peer is gone');
    }
  }
});

test('more items than the caller allows the peer', async () => {
  for (const party of ['receiver', 'sender'] as const) {
    const limited = { [party]: { rng: systemRng, peerLimit: 4 } };
    await rejects(session(names(5), names(5), limited), refusal('MALFORMED_MESSAGE'));
  }
});

describe('a caller', () => {
  const silent = new Link();
  test('with lone surrogates, or things that are no identifiers', async () => {
    for (const bad of [['a', '\ud800'], [7], 'text', null]) {
      await rejects(
        voleSend(bad as unknown as string[], silent.end('sender')),
        refusal('INVALID_PARAMETER'),
      );
    }
  });
  test('with sizes outside the range', () => {
    for (const size of [-1, 0.5, NaN, 2 ** 24 + 1]) {
      throws(() => voleParameters(size, 1), refusal('INVALID_PARAMETER'));
      throws(() => voleParameters(1, size), refusal('INVALID_PARAMETER'));
    }
  });
});
