/**
 * Attacks on the Diffie-Hellman protocols, each with a control that shows the attack working where the
 * defence is missing: a dictionary of guessable names, linking of sessions, the identity element, and a
 * server that uses another key for one client.
 */
import { deepStrictEqual, equal, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { concat, toHex, utf8 } from '../../src/base/bytes.ts';
import { type Rng, systemRng } from '../../src/base/rng.ts';
import { sha256 } from '../../src/base/hash.ts';
import { GENERATOR } from '../../src/kernels/edwards25519.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../src/kernels/scalar25519.ts';
import { receiveIntersection } from '../../src/psi/ecdh/receiver.ts';
import { sendItems } from '../../src/psi/ecdh/sender.ts';
import { itemHash } from '../../src/psi/items.ts';
import { blind, finalize, finalizeVerified } from '../../src/psi/oprf/client.ts';
import { messageExpander } from '../../src/psi/oprf/expand-message.ts';
import { oprfContext } from '../../src/psi/oprf/group.ts';
import { generateKeyPair } from '../../src/psi/oprf/keys.ts';
import { ristretto255Sha512 } from '../../src/psi/oprf/ristretto255-sha512.ts';
import { blindEvaluate, blindEvaluateVerified, evaluate } from '../../src/psi/oprf/server.ts';
import { refusal } from '../support/refusal.ts';
import { both, ChannelPair } from '../psi/ecdh/channel-pair.ts';

const group = new Ristretto255();
const scalars = new Scalar25519();
/** All names there are: a small domain, as names with dates of birth are. */
const NAMES = Array.from({ length: 40 }, (_, i) => utf8(`name ${i}`));
const itemsOf = (...names: number[]): Uint8Array =>
  concat(...names.map((name) => itemHash(NAMES[name]!)));
const elementsOf = (frame: Uint8Array): string[] => toHex(frame.subarray(5)).match(/.{64}/g) ?? [];

/** A session of the receiver with `receiverRng`, against an honest sender. */
async function session(receiverRng: Rng, x: Uint8Array, senderRng = systemRng) {
  const pair = new ChannelPair();
  await both<unknown>(
    receiveIntersection(pair.left, x, { peerLimit: 100, rng: receiverRng }),
    sendItems(pair.right, itemsOf(7), { peerLimit: 100, rng: senderRng, output: 'set' }),
  );
  return pair;
}

describe('a dictionary of all names against the elements A', () => {
  /** The names whose H under `scalar` is in A: what the sender tries, knowing both nonces. */
  function names(pair: ChannelPair, scalar: Uint8Array): number[] {
    const [left, right] = [pair.sent.left[0]!.subarray(5), pair.sent.right[0]!.subarray(5)];
    const tag = concat(utf8('kakehashi/psi/ecdh/1'), sha256(concat(left, right)));
    const expand = messageExpander('sha512', tag, 64);
    const seen = new Set(elementsOf(pair.sent.left[1]!));
    const guesses = NAMES.map((name) => group.multiplyDerived(expand(itemHash(name)), scalar));
    return guesses.flatMap((guess, i) => (seen.has(toHex(guess)) ? [i] : []));
  }

  test('finds nobody, nor does the scalar of another session', async () => {
    const drawn: Uint8Array[] = [];
    const recorded: Rng = (length) => {
      const bytes = systemRng(length);
      drawn.push(bytes.slice());
      return bytes;
    };
    const first = await session(recorded, itemsOf(3, 9, 21));
    const leaked = scalars.reduce(drawn[1]!);
    const second = await session(systemRng, itemsOf(3, 9, 21));
    deepStrictEqual(names(second, leaked), []);
    deepStrictEqual(names(first, scalars.reduce(systemRng(64))), []);
    // Control: with the scalar of the session itself everybody is found.
    deepStrictEqual(names(first, leaked), [3, 9, 21]);
  });
});

describe('two sessions with the same person', () => {
  test('have no element in common', async () => {
    const [one, two] = [await session(systemRng, itemsOf(5)), await session(systemRng, itemsOf(5))];
    const first = new Set([one.sent.left[1]!, one.sent.right[1]!].flatMap(elementsOf));
    const second = [two.sent.left[1]!, two.sent.right[1]!].flatMap(elementsOf);
    equal(
      second.some((element) => first.has(element)),
      false,
    );
  });
  test('nor when one party draws the same numbers again; control: they have when both do', async () => {
    const stuck: Rng = (length) => new Uint8Array(length).fill(0x5a);
    const a = async (rng: Rng) =>
      elementsOf((await session(stuck, itemsOf(5), rng)).sent.left[1]!)[0];
    equal((await a(systemRng)) === (await a(systemRng)), false);
    const bytes = (length: number) => new Uint8Array(length).fill(length & 0xff);
    equal(await a(bytes), await a(bytes));
  });
});

test('the identity would be the same under every scalar, and is refused', async () => {
  const zero = new Uint8Array(32);
  // Control: the group itself has no objection, so that the protocol must have one.
  deepStrictEqual(group.multiply(zero, scalars.reduce(systemRng(64))), zero);
  const context = oprfContext(ristretto255Sha512(), 0);
  const keys = generateKeyPair(context, systemRng);
  throws(() => blindEvaluate(context, keys.secretKey, zero), refusal('MALFORMED_MESSAGE'));
  const pair = new ChannelPair((frame, from, index) => {
    if (from === 'left' && index === 1) frame.fill(0, 5);
    return frame;
  });
  await rejects(
    both<unknown>(
      receiveIntersection(pair.left, itemsOf(1), { peerLimit: 9, rng: systemRng }),
      sendItems(pair.right, itemsOf(1), { peerLimit: 9, rng: systemRng, output: 'set' }),
    ),
    refusal('MALFORMED_MESSAGE'),
  );
});

describe('a server that marks one item of a batch by another key', () => {
  const inputs = NAMES.slice(0, 4);
  const suite = ristretto255Sha512();

  test('control: in mode OPRF nobody notices', () => {
    const context = oprfContext(suite, 0);
    const [keys, other] = [
      generateKeyPair(context, systemRng),
      generateKeyPair(context, systemRng),
    ];
    const state = blind(context, inputs, systemRng);
    const marked = blindEvaluate(context, keys.secretKey, state.blinded);
    marked.set(blindEvaluate(context, other.secretKey, state.blinded.subarray(64, 96)), 64);
    const outputs = finalize(context, state, marked);
    const right = evaluate(context, keys.secretKey, inputs);
    deepStrictEqual(
      outputs.map((output, i) => toHex(output) === toHex(right[i]!)),
      [true, true, false, true],
    );
  });

  test('in mode VOPRF the proof does not verify, whoever makes it', () => {
    const context = oprfContext(suite, 1);
    const [keys, other] = [
      generateKeyPair(context, systemRng),
      generateKeyPair(context, systemRng),
    ];
    const honest = (state = blind(context, inputs, systemRng)) => ({
      state,
      ...blindEvaluateVerified(context, keys, state.blinded, systemRng),
    });
    const good = honest();
    equal(
      finalizeVerified(context, good.state, good.evaluated, good.proof, keys.publicKey).length,
      4,
    );
    const rejected = refusal('PROOF_REJECTED');

    const marked = honest();
    const foreign = blindEvaluate(context, other.secretKey, marked.state.blinded.subarray(64, 96));
    marked.evaluated.set(foreign, 64);
    throws(
      () => finalizeVerified(context, marked.state, marked.evaluated, marked.proof, keys.publicKey),
      rejected,
    );
    // All of it under the other key, with that key's own proof.
    const state = blind(context, inputs, systemRng);
    const swapped = blindEvaluateVerified(context, other, state.blinded, systemRng);
    throws(
      () => finalizeVerified(context, state, swapped.evaluated, swapped.proof, keys.publicKey),
      rejected,
    );
    // Errors that cancel in a plain sum do not cancel under the random weights.
    const balanced = honest();
    const [plus, minus] = [balanced.evaluated.slice(0, 32), balanced.evaluated.slice(32, 64)];
    balanced.evaluated.set(group.add(plus, GENERATOR), 0);
    balanced.evaluated.set(group.subtract(minus, GENERATOR), 32);
    throws(
      () =>
        finalizeVerified(
          context,
          balanced.state,
          balanced.evaluated,
          balanced.proof,
          keys.publicKey,
        ),
      rejected,
    );
  });
});
