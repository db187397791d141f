/**
 * Step 4: the mask is one on equal tokens only and zero or one everywhere, or the run ends
 * (psi/tokens/mask-check.ts has the argument).
 *
 * Each holder sends its half of the coin after its share has arrived, so that the dealer has
 * dealt before anybody knows the whole; the sandbox alone never learns it. A opens two results, which are
 * functions of what the dealer knows, and tells B; B answers nothing before that.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { deriveKey } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import {
  CHECK_ROUNDS,
  type Challenge,
  challengeOf,
  termOfA,
  termOfB,
  tokenResidues,
  weightsOfShare,
  weightsOfTokens,
} from '../../psi/tokens/mask-check.ts';
import { FIELD_PRIME } from '../../psi/tokens/prime-field.ts';
import type { Aligned } from './align.ts';
import {
  ANSWER_BYTES,
  columnBytes,
  PUBLIC_KEY_BYTES,
  RunColumns,
  type RunKey,
  weightsOf,
} from './run-key.ts';
import { KIND, receiveLong, sendLong } from './wire.ts';

export type CheckedGroups = Omit<Aligned, 'step'> & {
  readonly step: 'checked';
  readonly key: RunKey;
};

export type CheckedValues = Omit<Aligned, 'step'> & {
  readonly step: 'checked';
  readonly columns: RunColumns;
};

const COIN_BYTES = 32;
const [GOOD, BAD] = [1, 0];

/** Both halves in one order, hashed into the seed of every round. */
function coinOf(ofA: Uint8Array, ofB: Uint8Array): Secret {
  using both = new Secret('coin halves', concat(ofA, ofB));
  return deriveKey(both, 'kakehashi/mask-coin/1');
}

function challenges(coin: Secret, length: number): Challenge[] {
  return Array.from({ length: CHECK_ROUNDS }, (_, round) => challengeOf(coin, round, length));
}

/** A's part, with its key of this run. Refuses with PROOF_REJECTED. */
export async function checkMaskOfGroups(
  run: Aligned,
  key: RunKey,
  rng: Rng,
): Promise<CheckedGroups> {
  const { peer, plan, share, tokens } = run;
  const own = rng(COIN_BYTES);
  await peer.send(KIND.coin, own);
  using coin = coinOf(own, await peer.receive(KIND.coin, COIN_BYTES));
  const rounds = challenges(coin, plan.length);
  const alphas = rounds.map((challenge) => tokenResidues(tokens, challenge));

  await peer.send(KIND.publicKey, key.publicBytes);
  for (const column of [share, ...alphas]) {
    await sendLong(peer, KIND.column, key.encrypt(column));
  }
  let good = true;
  for (const [round, challenge] of rounds.entries()) {
    const crossed = key.open(await receiveLong(peer, KIND.checked, ANSWER_BYTES));
    const alpha = alphas[round] ?? new Float64Array(0);
    const sum = crossed + BigInt(termOfA(challenge, share, alpha));
    good = sum % BigInt(FIELD_PRIME) === 0n && good;
  }
  await peer.send(KIND.verdict, Uint8Array.of(good ? GOOD : BAD));
  check(good, 'PROOF_REJECTED', 'mask of the alignment');
  return { ...run, step: 'checked', key };
}

/** B's part. Refuses with PROOF_REJECTED when A does. */
export async function checkMaskOfValues(run: Aligned, rng: Rng): Promise<CheckedValues> {
  const { peer, plan, share, tokens } = run;
  const own = rng(COIN_BYTES);
  await peer.send(KIND.coin, own);
  using coin = coinOf(await peer.receive(KIND.coin, COIN_BYTES), own);
  const columns = new RunColumns(run.run, await peer.receive(KIND.publicKey, PUBLIC_KEY_BYTES));
  const length = columnBytes(plan.length);
  const shareColumn = columns.read(await receiveLong(peer, KIND.column, length));
  const rounds = challenges(coin, plan.length);
  // All columns come before the first result, so that their numbers are those of A.
  const tokenColumns = [];
  for (const _ of rounds) {
    tokenColumns.push(columns.read(await receiveLong(peer, KIND.column, length)));
  }
  for (const [round, challenge] of rounds.entries()) {
    const beta = tokenResidues(tokens, challenge);
    const result = columns.product(
      [
        [shareColumn, weightsOf(weightsOfShare(challenge, share, beta))],
        [tokenColumns[round] ?? [], weightsOf(weightsOfTokens(challenge, share))],
      ],
      BigInt(termOfB(challenge, share, beta)),
      rng,
    );
    await sendLong(peer, KIND.checked, result);
  }
  const [verdict] = await peer.receive(KIND.verdict, 1);
  check(verdict === GOOD, 'PROOF_REJECTED', 'mask of the alignment');
  return { ...run, step: 'checked', columns };
}
