/**
 * Does the time of a scalar multiplication depend on the scalar? A command, not a test:
 *
 *     npx esbuild bench/ct/ristretto255.ts --bundle --platform=node --format=esm \
 *       --packages=external --outfile=dist/ct-ristretto255.js && node dist/ct-ristretto255.js [SAMPLES]
 *
 * Fixed against random, in random order, for the kernel's three multiplications: the fixed scalar is
 * 1, whose window digits are nearly all zero, and the random one uniform. The control is @noble/curves'
 * multiplyUnsafe, which skips zero digits: it must be found, or the machine is too loud for the
 * others to mean anything. Prints a line each; exit code 1 where a kernel function is found to
 * leak, 2 where the control is not.
 *
 * What a pass means: on this machine, with this many samples, no difference of the printed size. It
 * says nothing about caches, power or another engine.
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { ristretto255 as noble } from '@noble/curves/ed25519.js';
import { fromLittleEndian, toLittleEndian } from '../../src/kernels/edwards25519.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../src/kernels/scalar25519.ts';
import { THRESHOLD, type Verdict, welch } from './welch.ts';

const SAMPLES = 20_000;
const BLOCK = 500;
const WARM_UP = BLOCK;

const group = new Ristretto255();
const scalars = new Scalar25519();
const uniform = new Uint8Array(createHash('sha512').update('element').digest());
const element = group.derive(uniform);
const point = noble.Point.fromBytes(element);
const FIXED = toLittleEndian(1n);

/** Scalars of both classes, all drawn and copied in the same way, and which they are. */
function prepared(n: number): { scalar: Uint8Array; fixed: boolean }[] {
  const classes = randomBytes(n);
  const drawn = scalars.reduce(new Uint8Array(randomBytes(64 * n)));
  return Array.from(classes, (byte, i) => {
    const fixed = (byte & 1) === 0;
    if (fixed) drawn.set(FIXED, 32 * i);
    return { scalar: drawn.slice(32 * i, 32 * (i + 1)), fixed };
  });
}

/** The loop around the call knows nothing of the classes: a branch of its own would be measured. */
function compare(samples: number, run: (scalar: Uint8Array) => unknown): Verdict {
  const fixed: number[] = [];
  const random: number[] = [];
  for (let done = -WARM_UP; done < samples; done += BLOCK) {
    const block = prepared(BLOCK);
    const times = block.map(({ scalar }) => {
      const start = process.hrtime.bigint();
      run(scalar);
      return Number(process.hrtime.bigint() - start);
    });
    if (done < 0) continue;
    times.forEach((time, i) => (block[i]?.fixed === true ? fixed : random).push(time));
  }
  return welch(fixed, random);
}

const RUNS: readonly (readonly [string, (scalar: Uint8Array) => unknown])[] = [
  ['multiply', (scalar) => group.multiply(element, scalar)],
  ['multiplyDerived', (scalar) => group.multiplyDerived(uniform, scalar)],
  ['multiplyBase', (scalar) => group.multiplyBase(scalar)],
];

const leaks = ({ t }: Pick<Verdict, 't'>): boolean => !(Math.abs(t) < THRESHOLD);

function line(name: string, { t, samples, difference, detectable }: Verdict): void {
  const found = leaks({ t }) ? 'leaks' : 'nothing found';
  process.stdout.write(
    `${name.padEnd(24)} t = ${t.toFixed(2).padStart(8)}  ${found.padEnd(13)}  ${samples} samples, ` +
      `difference ${difference.toFixed(0)} ns, detectable ${detectable.toFixed(0)} ns\n`,
  );
}

const samples = Number(process.argv[2] ?? SAMPLES);
const control = compare(Math.ceil(samples / 10), (scalar) =>
  point.multiplyUnsafe(fromLittleEndian(scalar)),
);
line('control: multiplyUnsafe', control);
let found = 0;
for (const [name, run] of RUNS) {
  const verdict = compare(samples, run);
  line(name, verdict);
  if (leaks(verdict)) found += 1;
}
process.exitCode = !leaks(control) ? 2 : found > 0 ? 1 : 0;
