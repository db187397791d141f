/** Compressed Arrow: what pyarrow writes, and lengths that lie. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as zlib from 'node:zlib';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { load, section } from './loaded.ts';

// pyarrow 25.0.1: write_feather with its default, with compression='zstd', and a stream with lz4.
const vector = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(path.join(import.meta.dirname, 'vectors', name)));

const ROWS = Array.from({ length: 40 }, (_, i) => {
  const hba1c = i === 7 ? '' : `5.${i % 10}`;
  return `P${Math.floor(i / 2)},${i % 3 === 0 ? 'M' : 'F'},${i + 20},${hba1c},2020-01-0${(i % 3) + 1}`;
});
const CSV = ['pid,sex,age,hba1c,visit', ...ROWS, ''].join('\n');
const HAS_ZSTD = 'zstdDecompressSync' in zlib;

const damaged = (of: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === 'COHORT_UNREADABLE' && of.test(error.detail);

describe('Arrow that is compressed', () => {
  test('by LZ4, as Feather files are, is the same cohort', async () => {
    const { report } = await load(section(), [CSV]);
    equal(report.rows, 40);
    for (const name of ['pyarrow-lz4.feather', 'pyarrow-lz4.arrows']) {
      deepStrictEqual((await load(section(), [vector(name)])).report, report, name);
    }
  });

  test('by Zstandard is the same cohort where Node has it, else refused by that name', async () => {
    const loading = load(section(), [vector('pyarrow-zstd.feather')]);
    if (!HAS_ZSTD) {
      await rejects(loading, damaged(/compressed by Zstandard: needs Node 22\.15/));
      return;
    }
    const { report } = await load(section(), [CSV]);
    deepStrictEqual((await loading).report, report);
  });

  test('with a frame that is damaged, or not as long as it says, is refused', async () => {
    const file = vector('pyarrow-lz4.feather');
    const frames: number[] = [];
    const magic = Buffer.from([0x04, 0x22, 0x4d, 0x18]);
    for (let at = 0; ; at += 1) {
      at = Buffer.from(file).indexOf(magic, at);
      if (at === -1) break;
      frames.push(at);
    }
    ok(frames.length > 2, 'control: there are frames');
    const changed = (at: number, by: (bytes: DataView) => void): Uint8Array => {
      const copy = Uint8Array.from(file);
      by(new DataView(copy.buffer, at));
      return copy;
    };
    for (const at of [frames[0]!, frames.at(-1)!]) {
      const length = new DataView(file.buffer, file.byteOffset + at - 8).getBigInt64(0, true);
      for (const lie of [length - 1n, length + 1n, 0n]) {
        const lying = changed(at - 8, (view) => view.setBigInt64(0, lie, true));
        await rejects(load(section(), [lying]), damaged(/damaged Arrow/), `${at}: ${lie}`);
      }
      const broken = changed(at + 4, (view) => view.setUint8(0, view.getUint8(0) ^ 0x41));
      await rejects(load(section(), [broken]), damaged(/damaged Arrow/), `${at}`);
    }
    const [first = 0] = frames;
    const huge = changed(first - 8, (view) => view.setBigInt64(0, 2n ** 40n, true));
    await rejects(load(section(), [huge]), damaged(/record batch of more than/));
    const negative = changed(first - 8, (view) => view.setBigInt64(0, -2n, true));
    await rejects(load(section(), [negative]), damaged(/damaged Arrow/));
  });
});
