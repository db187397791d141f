/**
 * RFC 9497 appendix A, both suites, modes OPRF and VOPRF: every intermediate value, so that a
 * failure names the step that broke, and the refusals that the RFC demands.
 */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/base/bytes.ts';
import { Secret } from '../../../src/base/secret.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { blind, finalize, finalizeVerified } from '../../../src/psi/oprf/client.ts';
import { verifyProof } from '../../../src/psi/oprf/dleq.ts';
import { oprfContext, type OprfMode, tagOf } from '../../../src/psi/oprf/group.ts';
import { deriveKeyPair } from '../../../src/psi/oprf/keys.ts';
import { blindEvaluate, blindEvaluateVerified, evaluate } from '../../../src/psi/oprf/server.ts';
import { refusal } from '../../support/refusal.ts';
import { GROUPS, list, type OprfSuite, readVectors, scalarRng } from './vectors.ts';

const suites = (readVectors('rfc9497.json') as OprfSuite[]).filter(({ mode }) => mode < 2);
deepStrictEqual(suites.length, 4);

describe.each(suites)('$identifier, mode $mode', (suite) => {
  const group = GROUPS.find(({ identifier }) => identifier === suite.identifier)!;
  const context = oprfContext(group, suite.mode as OprfMode);
  const keys = deriveKeyPair(
    context,
    new Secret('seed', fromHex(suite.seed)),
    fromHex(suite.keyInfo),
  );

  test('DeriveKeyPair (section 3.2.1) and the tag of HashToGroup', () => {
    deepStrictEqual(toHex(keys.secretKey.expose()), suite.skSm);
    if (suite.pkSm !== undefined) deepStrictEqual(toHex(keys.publicKey), suite.pkSm);
    deepStrictEqual(toHex(tagOf(context, 'HashToGroup-')), suite.groupDST);
  });

  suite.vectors.forEach((vector, index) => {
    const inputs = list(vector.Input);
    const blinded = concat(...list(vector.BlindedElement));
    const evaluated = concat(...list(vector.EvaluationElement));
    const state = () => blind(context, inputs, scalarRng(group, list(vector.Blind)));

    test(`Blind, BlindEvaluate, Finalize, Evaluate, vector ${index + 1}`, () => {
      deepStrictEqual(toHex(state().blinded), toHex(blinded));
      deepStrictEqual(toHex(blindEvaluate(context, keys.secretKey, blinded)), toHex(evaluated));
      deepStrictEqual(evaluate(context, keys.secretKey, inputs), list(vector.Output));
      if (suite.mode === 0) {
        deepStrictEqual(finalize(context, state(), evaluated), list(vector.Output));
      }
    });

    if (vector.Proof === undefined) return;
    const { proof, r } = vector.Proof;
    test(`GenerateProof, VerifyProof (section 2.2), vector ${index + 1}`, () => {
      const answer = blindEvaluateVerified(context, keys, blinded, scalarRng(group, [fromHex(r)]));
      deepStrictEqual(toHex(answer.proof), proof);
      deepStrictEqual(
        finalizeVerified(context, state(), evaluated, fromHex(proof), keys.publicKey),
        list(vector.Output),
      );
    });

    test(`a proof for anything else is refused, vector ${index + 1}`, () => {
      const good = fromHex(proof);
      const verify = (p: Uint8Array, c = blinded, d = evaluated, pk = keys.publicKey) =>
        verifyProof(context, pk, c, d, p);
      verify(good); // control: the right one passes
      const rejected = refusal('PROOF_REJECTED');
      const swapped = concat(good.subarray(group.scalarBytes), good.subarray(0, group.scalarBytes));
      throws(() => verify(swapped), rejected);
      throws(() => verify(good, evaluated, blinded), rejected);
      throws(() => verify(good, blinded, blinded), rejected);
      throws(
        () => verify(good, blinded, evaluated, blinded.subarray(0, group.elementBytes)),
        rejected,
      );
      const malformed = refusal('MALFORMED_MESSAGE');
      throws(() => verify(good.subarray(1)), malformed);
      throws(() => verify(concat(good, Uint8Array.of(0))), malformed);
      throws(() => verify(new Uint8Array(good.length).fill(0xff)), malformed);
      throws(() => verify(good, blinded, evaluated.subarray(0, -1)), malformed);
    });
  });

  describe('refusals', () => {
    const malformed = refusal('MALFORMED_MESSAGE');
    const size = group.elementBytes;
    const good = fromHex(suite.vectors[0]!.BlindedElement);
    const answers = (bytes: Uint8Array) => () => blindEvaluate(context, keys.secretKey, bytes);
    test('control: a good element is answered', () => {
      deepStrictEqual(answers(good)().length, size);
    });
    for (const [name, bytes] of [
      ['no element', new Uint8Array(0)],
      ['the identity', new Uint8Array(size)],
      ['the identity behind a good element', concat(good, new Uint8Array(size))],
      ['not canonical', new Uint8Array(size).fill(0xff)],
      ['a short one', good.subarray(1)],
      ['a byte behind it', concat(good, Uint8Array.of(0))],
    ] as const) {
      test(`BlindEvaluate: ${name}`, () => throws(answers(bytes), malformed));
    }

    test('Finalize: another number of elements, a state used twice, the other mode', () => {
      const input = [Uint8Array.of(1)];
      const one = () => blind(context, input, systemRng);
      if (suite.mode === 1) {
        throws(() => finalize(context, one(), good), refusal('PROTOCOL_STATE'));
        return;
      }
      throws(() => finalize(context, one(), concat(good, good)), malformed);
      const state = one();
      const answer = blindEvaluate(context, keys.secretKey, state.blinded);
      deepStrictEqual(finalize(context, state, answer), evaluate(context, keys.secretKey, input));
      throws(() => finalize(context, state, answer), refusal('PROTOCOL_STATE'));
      throws(
        () => finalizeVerified(context, one(), answer, new Uint8Array(64), keys.publicKey),
        refusal('PROTOCOL_STATE'),
      );
    });

    test('inputs of 65536 bytes, no inputs, a seed of another length', () => {
      const invalid = refusal('INVALID_PARAMETER');
      throws(() => blind(context, [], systemRng), invalid);
      throws(() => blind(context, [new Uint8Array(65536)], systemRng), invalid);
      throws(
        () => deriveKeyPair(context, new Secret('seed', new Uint8Array(31)), new Uint8Array(0)),
        invalid,
      );
    });
  });
});
