/** Keys that the Paillier tests share: one of our own, and one of paillier-bigint. */
import { generateRandomKeysSync } from 'paillier-bigint';
import { systemRng } from '../../../src/base/rng.ts';
import { importPrivateKey } from '../../../src/he/paillier/key-import.ts';
import { generatePrivateKey, type PrivateKey } from '../../../src/he/paillier/private-key.ts';
import { ownerRandomiser, type Randomiser } from '../../../src/he/paillier/randomiser.ts';

export const rng = systemRng;
export const key = generatePrivateKey(2048, rng);
export const owner = ownerRandomiser(key);

/** The same key as an object of paillier-bigint and as ours. */
export function foreignPair(): {
  readonly theirs: ReturnType<typeof generateRandomKeysSync>;
  readonly ours: PrivateKey;
  readonly randomiser: Randomiser;
} {
  const theirs = generateRandomKeysSync(2048, true);
  const { n, g } = theirs.publicKey;
  const { lambda, mu } = theirs.privateKey;
  const ours = importPrivateKey({ n, g, lambda, mu });
  return { theirs, ours, randomiser: ownerRandomiser(ours) };
}
