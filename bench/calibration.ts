/**
 * What this machine can do, measured in the same process as the case, because times mean nothing
 * without it: AES-128-ECB in 64 KiB batches through node:crypto, a copy of memory, and our own
 * forward transform of N = 4096 with one 27-bit limb. Targets in seconds hold at 2.0 GiB/s and
 * 17.6 us and scale with them (DESIGN section 8).
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { arch, cpus, platform, totalmem } from 'node:os';
import type { Calibration } from '../src/sandbox/benchmarks/results.ts';
import { transform } from './cases/kernel-ntt.ts';
import { median } from './measure.ts';

export type { Calibration };

const SAMPLES = 7;

/** Seconds of the median of `SAMPLES` runs, after one to warm up. */
function seconds(run: () => void): number {
  run();
  const times = Array.from({ length: SAMPLES }, () => {
    const start = process.hrtime.bigint();
    run();
    return Number(process.hrtime.bigint() - start) / 1e9;
  });
  return median(times);
}

const rounded = (value: number): number => Number(value.toPrecision(4));

export function calibrate(): Calibration {
  const [batch, batches] = [Buffer.alloc(65536), 512];
  const cipher = createCipheriv('aes-128-ecb', Buffer.alloc(16), null);
  const aes = seconds(() => {
    for (let i = 0; i < batches; i += 1) cipher.update(batch);
  });
  const [from, to] = [Buffer.alloc(1 << 25, 1), Buffer.alloc(1 << 25)];
  const copy = seconds(() => from.copy(to));
  const { ntt, input } = transform(4096);
  const transforms = 200;
  // Until the kernel is compiled by the second compiler: a case is warm when it is timed, too.
  for (let i = 0; i < 25 * transforms; i += 1) ntt.forward(input);
  const forward = seconds(() => {
    for (let i = 0; i < transforms; i += 1) ntt.forward(input);
  });
  return {
    aesGiBs: rounded((batch.length * batches) / 2 ** 30 / aes),
    copyGBs: rounded(from.length / 1e9 / copy),
    nttUs: rounded((forward / transforms) * 1e6),
  };
}

/** Processor, cores, memory, system, Node. */
export const machine = (): string =>
  [
    `${cpus()[0]?.model.trim() ?? 'unknown processor'} x ${cpus().length}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${platform()} ${arch()}`,
    `Node ${process.versions.node}`,
  ].join(', ');

/** The commit of the checkout, with `+` where files differ from it; `unknown` outside one. */
export function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
