/** What a holder takes back as its own word after a restore: what it signed, and nothing else, however it is served. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { SigningKey } from '../../src/base/sign.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import { encodeFrame, type Frame, signFrame, withoutBody } from '../../src/flows/frame.ts';
import { ownFrames } from '../../src/holder/own-frames.ts';
import { refusal } from '../support/refusal.ts';

const [lu, jp] = [SigningKey.generate(), SigningKey.generate()];

const frame = (sequence: number, change: Partial<Frame> = {}, key = lu): Frame =>
  signFrame(
    {
      ...{ study: 'a'.repeat(64), run: 'b'.repeat(64), from: 'lu', to: '*', sequence },
      ...{ kind: 'contribution', body: Uint8Array.of(sequence) },
      ...change,
    },
    key,
  );

/** A sandbox that serves these, two at a time. */
const taken = (frames: readonly Uint8Array[]) => {
  const wire: Pick<SandboxWire, 'sent'> = {
    sent: async (after) => {
      const page = frames.slice(after, after + 2);
      return { frames: page, cursor: after + page.length, acknowledged: 7 };
    },
  };
  const closing = new AbortController().signal;
  return ownFrames({ wire: wire as SandboxWire, holder: 'lu', key: lu, closing });
};

describe('frames that the sandbox says this holder sent', () => {
  test('over several pages, also where the sandbox has deleted the body', async () => {
    const all = [1, 2, 3].map((sequence) => encodeFrame(frame(sequence)));
    const { sent, position } = await taken([...all, withoutBody(encodeFrame(frame(4)))]);
    deepStrictEqual(
      sent.map(({ sequence, body }) => [sequence, body.length]),
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 0],
      ],
    );
    strictEqual(position, 7);
  });

  const bad: Record<string, [Uint8Array, 'SANDBOX_RESPONSE' | 'SIGNATURE_REJECTED']> = {
    'frame of another, which that one did sign': [
      encodeFrame(frame(2, { from: 'jp' }, jp)),
      'SANDBOX_RESPONSE',
    ],
    'frame of another that carries our signature': [
      encodeFrame(frame(2, { from: 'jp' })),
      'SANDBOX_RESPONSE',
    ],
    'in our name, signed by another': [encodeFrame(frame(2, {}, jp)), 'SIGNATURE_REJECTED'],
    'with another number than we signed': [
      encodeFrame({ ...frame(2), sequence: 3 }),
      'SIGNATURE_REJECTED',
    ],
  };
  for (const [name, [bytes, code]] of Object.entries(bad)) {
    test(`${name}: nothing is taken`, async () => {
      await rejects(taken([encodeFrame(frame(1)), bytes]), refusal(code));
    });
  }
});
