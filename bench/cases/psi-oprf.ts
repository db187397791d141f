/**
 * OPRF evaluations of a server, suite ristretto255-SHA512: n blinded elements, decoded, multiplied by
 * the key and encoded (RFC 9497 BlindEvaluate, mode OPRF), on one core. Beside it @noble/curves, and
 * our mode VOPRF, which adds the batch's proof: "verifiable" reads as ours over that in speed.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import { blind, finalize, type OprfState } from '../../src/psi/oprf/client.ts';
import { oprfContext } from '../../src/psi/oprf/group.ts';
import { deriveKeyPair } from '../../src/psi/oprf/keys.ts';
import { ristretto255Sha512 } from '../../src/psi/oprf/ristretto255-sha512.ts';
import { blindEvaluate, blindEvaluateVerified, evaluate } from '../../src/psi/oprf/server.ts';
import { defineCase } from '../case.ts';

const group = ristretto255Sha512();
const [context, verifiable] = [oprfContext(group, 0), oprfContext(group, 1)];
const seed = (): Secret => new Secret('bench seed', new Uint8Array(32).fill(0xa3));
const keys = deriveKeyPair(context, seed(), utf8('bench'));
const verifiableKeys = deriveKeyPair(verifiable, seed(), utf8('bench'));

type Input = { readonly inputs: readonly Uint8Array[]; readonly state: OprfState };

function noble({ state }: Input): Uint8Array[] {
  const key = keys.secretKey.expose();
  return state.inputs.map((_, i) =>
    ristretto255_oprf.oprf.blindEvaluate(key, state.blinded.subarray(i * 32, (i + 1) * 32)),
  );
}

export default defineCase<Input>({
  name: 'psi/oprf',
  timed: 'n blinded elements decoded, multiplied by the key, encoded. Size: n.',
  sizes: [100, 1000],
  unit: 'ms',
  setup: (n) => {
    const inputs = Array.from({ length: n }, (_, i) => utf8(`person ${i}`));
    return { inputs, state: blind(context, inputs, systemRng) };
  },
  check: ({ inputs }) => {
    const state = blind(context, inputs, systemRng);
    const evaluated = blindEvaluate(context, keys.secretKey, state.blinded);
    const [first] = noble({
      inputs: inputs.slice(0, 1),
      state: { ...state, inputs: inputs.slice(0, 1) },
    });
    deepStrictEqual(first, evaluated.subarray(0, 32));
    deepStrictEqual(finalize(context, state, evaluated), evaluate(context, keys.secretKey, inputs));
  },
  contenders: {
    kernel: ({ state }) => blindEvaluate(context, keys.secretKey, state.blinded),
    verifiable: ({ state }) =>
      blindEvaluateVerified(verifiable, verifiableKeys, state.blinded, systemRng),
    'noble-curves': noble,
  },
  bytesPerItem: () => 2 * group.elementBytes,
  gate: { contender: 'kernel', against: 'noble-curves', atLeast: 5 },
});
