/**
 * A sandbox of the linked aggregate that does not follow the protocol. What it deals is refused, with a control
 * for each: the same flow without the check lets the attack through.
 */
import { deepStrictEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import { RunKey } from '../../src/flows/linked/run-key.ts';
import { KIND } from '../../src/flows/linked/wire.ts';
import { pack } from '../../src/he/ring/pack.ts';
import { rlweParameters } from '../../src/he/ring/parameters.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import { challengeOf } from '../../src/psi/tokens/mask-check.ts';
import { addResidues, FIELD_PRIME, multiplyResidues } from '../../src/psi/tokens/prime-field.ts';
import { dealing, honestAlignment, released, ROWS } from '../flows/linked/steps.ts';

const half = (FIELD_PRIME + 1) / 2;
const REJECTED = { code: 'PROOF_REJECTED' };

/** People of groups 0 and 1, then their days (positions 0 and 2: 50 + 70; 1 and 3: 60 + 80). */
const PLAIN = [2, 2, 120, 140];

const honest = () => {
  const { positions, matched } = honestAlignment();
  return { positions, mask: [...matched] };
};

describe('the mask', () => {
  test('control: what the protocol says is accepted and gives the plain join', async () => {
    deepStrictEqual(await released(dealing(honest())), PLAIN);
  });

  test.each([
    ['two', 2],
    ['a million', 1_000_000],
    ['minus one', FIELD_PRIME - 1],
    ['one half', half],
  ])('a person of weight %s is refused', async (_, weight) => {
    const { positions, mask } = honest();
    mask[0] = weight;
    await rejects(released(dealing({ positions, mask })), REJECTED);
  });

  test('weights whose excess cancels are refused: 2 and −1 have m² − m = 2 both', async () => {
    const { positions, mask } = honest();
    [mask[0], mask[1]] = [2, FIELD_PRIME - 1];
    await rejects(released(dealing({ positions, mask })), REJECTED);
  });

  test('control: without the check a weight of 10^6 reads one person through the noise', async () => {
    const { positions } = honest();
    const mask = Array.from({ length: ROWS }, (_, i) => (i === 0 ? 1_000_000 : 0));
    deepStrictEqual(
      await released(dealing({ positions, mask }), { checked: false }),
      [1_000_000, 0, 50_000_000, 0],
    );
  });

  test('not covered: a pair that is left out makes the result smaller, unnoticed', async () => {
    const { positions, mask } = honest();
    mask[0] = 0;
    deepStrictEqual(await released(dealing({ positions, mask })), [1, 2, 70, 140]);
  });
});

describe('the alignment', () => {
  /** Position 0 is given to the partner of position `other`, and the reverse. */
  function swapped(other: number) {
    const { positions, mask } = honest();
    const [x, y] = [positions.indexOf(0), positions.indexOf(other)];
    [positions[x], positions[y]] = [other, 0];
    return { positions, mask };
  }

  test('strangers with weight one are refused, matched elsewhere or not', async () => {
    await rejects(released(dealing(swapped(1))), REJECTED);
    await rejects(released(dealing(swapped(7))), REJECTED);
    const { positions } = honest();
    const everybody = new Uint8Array(ROWS).fill(1);
    await rejects(released(dealing({ positions, mask: everybody })), REJECTED);
  });

  test('control: the test of bits alone passes them, and without a check they count', async () => {
    using coin = new Secret('coin', systemRng(32));
    const { bit } = challengeOf(coin, 0, ROWS);
    const { mask } = swapped(7);
    const sum = mask.reduce(
      (total, m, i) => addResidues(total, multiplyResidues(bit[i] ?? 0, m * m - m)),
      0,
    );
    equal(sum, 0);
    const strangers = await released(dealing(swapped(1)), { checked: false });
    notEqual(strangers[2], PLAIN[2]);
  });

  test('a position given twice, or none of the list, is refused', async () => {
    for (const position of [1, ROWS, 0xffffffff]) {
      const { positions, mask } = honest();
      positions[positions.indexOf(0)] = position;
      await rejects(released(dealing({ positions, mask })), { code: 'MALFORMED_MESSAGE' });
    }
  });

  test('why strangers matter: one person who comes moves three pairs, squared distance 5 for 1', () => {
    // Positions of A: x or a dummy in her place (it matches either way), a stranger in group 0 that does
    // not match, one in group 1 that does. Rows of B: x's or the dummy's, a pad or x's, two others, the first of
    // which matches. S sees the same pattern and pairs those that match with those that do not.
    const strategy = [3, 0, 1];
    const cells = (groupsOfA: readonly number[], valuesOfB: readonly number[]): number[] =>
      [0, 1].map((group) =>
        strategy.reduce(
          (sum, row, at) => sum + (groupsOfA[at] === group ? (valuesOfB[row] ?? 0) : 0),
          0,
        ),
      );
    const NONE = -1;
    const present = cells([0, 0, 1], [1, 0, 1, 1]);
    const absent = cells([NONE, 0, 1], [0, 1, 1, 1]);
    deepStrictEqual(
      [present, absent],
      [
        [2, 0],
        [0, 1],
      ],
    );
  });
});

describe('numbers that are none', () => {
  const bytesOf = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);
  test.each([
    ['t', FIELD_PRIME],
    ['a negative one', -1],
    ['a fraction', 0.5],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('a share with %s is refused', async (_, bad) => {
    const { positions } = honest();
    const dealer = released(async ({ groups, values }) => {
      await groups.send(KIND.seed, systemRng(32));
      await values.send(KIND.alignment, new Uint8Array(positions.slice().buffer));
      await values.send(KIND.share, bytesOf([bad, 0, 0, 0, 0, 0, 0, 0]));
    });
    await rejects(dealer, { code: 'MALFORMED_MESSAGE' });
  });
});

describe('crafted ciphertexts', () => {
  const P = rlweParameters(8192, BigInt(FIELD_PRIME));
  /** (0, q/t): it opens to the first coefficient of the key. */
  const crafted = (): Uint8Array => {
    const ring = ringOf(P);
    const scale = P.modulus / P.plaintextModulus;
    const c1 = ring.coefficients(({ q }) => {
      const limb = new Uint32Array(P.n);
      limb[0] = Number(scale % BigInt(q));
      return limb;
    });
    const out = new Uint8Array(2 * P.polynomialBytes);
    out.set(pack(P, c1), P.polynomialBytes);
    return out;
  };

  test('control: A’s key would give a coefficient for each one that it opened', () => {
    const opened = Array.from({ length: 12 }, (_, i) => {
      using key = new RunKey(String(i).repeat(64).slice(0, 64), systemRng);
      return key.open(crafted());
    });
    ok(opened.every((s) => s >= -1n && s <= 1n));
    ok(new Set(opened).size > 1);
  });

  test('what the sandbox sends is never opened: in place of a seed or a share it is refused', async () => {
    const asSeed = released(async ({ groups }) => groups.send(KIND.seed, crafted()));
    await rejects(asSeed, { code: 'MALFORMED_MESSAGE' });
    const asAnswer = released(async ({ groups }) => groups.send(KIND.answer, crafted()));
    await rejects(asAnswer, { code: 'PROTOCOL_STATE' });
  });
});
