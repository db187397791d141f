/**
 * Timing of the operations on secrets of he/collective: does encryption depend on the vector or the key,
 * does a share depend on the key? Run it on an idle machine:
 *
 *     node .config/build.mjs && npx esbuild bench/ct/he.ts --bundle --platform=node --format=esm \
 *       --packages=external --outfile=dist/ct-he.js && node dist/ct-he.js [SAMPLES]
 *
 * One line a test: |t| against 4.5, the difference of means, the smallest difference that would have been
 * found. The positive control reduces residues by a comparison and a branch, over the same vectors; it
 * must be found, or the run says nothing. Exit code 1 if it is not, or if a test is.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/base/secret.ts';
import { systemRng } from '../../src/base/rng.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { encryptSeeded } from '../../src/he/collective/encrypt.ts';
import { createKeyShare, type KeyShare } from '../../src/he/collective/key.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { RLWE_4096 as P } from '../../src/he/ring/parameters.ts';
import { THRESHOLD, timeClasses, type Verdict } from './welch.ts';

const SAMPLES = Number(process.argv[2] ?? 4000);
const RUN = sha256Hex(new Uint8Array(1));

/** A fair coin from whole blocks of random bytes, so that its cost is the same everywhere. */
function coins(): () => 0 | 1 {
  const bytes = randomBytes(2 * SAMPLES);
  let at = 0;
  return () => ((bytes[at++ % bytes.length] ?? 0) & 1) as 0 | 1;
}

const random = createKeyShare(
  P,
  {
    study: sha256Hex(new Uint8Array(0)),
    flow: 'ct',
    epoch: 1,
    attempt: 1,
    holders: ['jp', 'lu'],
  },
  systemRng,
);
/** All coefficients zero: the most unusual key there is. */
const zero: KeyShare = { ...random, secret: new Secret('zero', new Uint8Array(P.n / 4)) };
const zeros = new Uint32Array(P.n);
const noise = new Uint32Array(new Uint8Array(randomBytes(4 * P.n)).buffer);

/** Reduces modulo a prime with a branch on each word: what must be found. */
function branching(words: Uint32Array): number {
  let sum = 0;
  for (const word of words) {
    let rest = word & 0x7ffffff;
    if (rest >= 67_043_329) rest -= 67_043_329;
    if ((rest & 1) === 1) sum = (sum + rest) | 0;
  }
  return sum;
}

const TESTS: readonly (readonly [string, (which: 0 | 1) => void])[] = [
  ['control: branches', (which) => void branching(which === 0 ? zeros : noise)],
  [
    'encryption, vector',
    (which) => void encryptSeeded(P, random, RUN, which === 0 ? zeros : noise, systemRng),
  ],
  [
    'encryption, key',
    (which) => void encryptSeeded(P, which === 0 ? zero : random, RUN, noise, systemRng),
  ],
  [
    'share, key',
    (which) => void decryptionShare(P, which === 0 ? zero : random, RUN, 1, systemRng),
  ],
];

const line = (name: string, { samples, t, difference, detectable, meanNs }: Verdict): string =>
  [
    name.padEnd(20),
    `${samples} samples`,
    `t = ${t.toFixed(2)}`,
    `difference ${difference.toFixed(0)} ns of ${meanNs.toFixed(0)}`,
    `detectable ${detectable.toFixed(0)} ns`,
  ].join('  ');

let failed = false;
for (const [name, run] of TESTS) {
  const verdict = timeClasses(run, SAMPLES, coins());
  const found = Math.abs(verdict.t) > THRESHOLD;
  const expected = name.startsWith('control');
  failed ||= found !== expected;
  process.stdout.write(`${line(name, verdict)}  ${found ? 'differs' : 'nothing found'}\n`);
}
process.exitCode = failed ? 1 : 0;
