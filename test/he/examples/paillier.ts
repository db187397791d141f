// Two parties, one of whom owns the key: a sum of 20,000 signed values, many to a ciphertext.
import { systemRng } from '../../../src/base/rng.ts';
import {
  decryptPacked,
  encryptPacked,
  packing,
  sumPacked,
} from '../../../src/he/paillier/packing.ts';
import { generatePrivateKey } from '../../../src/he/paillier/private-key.ts';
import { publicKey } from '../../../src/he/paillier/public-key.ts';
import { fixedBaseRandomiser, ownerRandomiser } from '../../../src/he/paillier/randomiser.ts';

/** `changes` are rows of three values between -500 and 500. */
export function totalChanges(changes: readonly (readonly bigint[])[]): bigint[] {
  // The clinic makes a key and encrypts its rows with it. 3072 bits are the 128-bit level.
  using clinic = generatePrivateKey(3072, systemRng);
  const own = ownerRandomiser(clinic);
  const layout = packing(clinic.publicKey, 500n, 20_000);
  const sent = changes.map((row) => encryptPacked(own, layout, row, systemRng));

  // The registry knows n only. It adds what it was sent and a row of its own.
  const theirs = publicKey(clinic.publicKey.n, 'blum');
  const short = fixedBaseRandomiser(theirs, 'short', systemRng);
  const added = encryptPacked(short, layout, [1n, 0n, -1n], systemRng);
  const sum = sumPacked(short, [...sent, added], systemRng);

  // Back at the clinic.
  return decryptPacked(clinic, sum, systemRng);
}
