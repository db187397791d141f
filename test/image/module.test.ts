/** What the parser of binaries refuses, each with its reason; and that no bytes break it. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { Refusal } from '../../src/base/errors.ts';
import { checkMeterable, meterModule } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import * as write from '../../src/image/wasm/writer.ts';
import {
  answering,
  CONSTANT,
  exported,
  F64,
  I32,
  i32,
  i64,
  local,
  RESERVE,
  wasm,
} from '../support/wasm-text.ts';

function reasonOf(bytes: Uint8Array): string {
  try {
    checkMeterable(parseModule(bytes));
  } catch (error) {
    ok(error instanceof Refusal, String(error));
    deepStrictEqual(error.code, 'IMAGE_REJECTED');
    return error.detail;
  }
  return 'taken';
}

const running = (code: readonly number[], locals: readonly Uint8Array[] = []) =>
  wasm({ functions: [RESERVE, [locals, [...code, ...answering(...i64(0n))]]] });

/** Sets 1,000 locals in the innermost of so many loops: each loop merges them all. */
const nested = (depth: number): Uint8Array =>
  running(
    [
      ...Array.from({ length: depth }, () => [0x03, 0x40]).flat(),
      ...Array.from({ length: 1000 }, (_, i) => [0x20, 0, 0x21, ...write.u32(1 + i)]).flat(),
      ...Array.from({ length: depth }, () => 0x0b),
    ],
    [local(1000, I32)],
  );

/** One active segment of 16 bytes, at a place of memory that has 2 pages of 64 KiB. */
const withData = (at: number): Uint8Array =>
  wasm({
    functions: [RESERVE, RESERVE],
    more: [write.section(11, write.bytes(1, 0, ...i32(at), 0x0b, 16, ...new Uint8Array(16)))],
  });

/** One function import, `env.f`. */
const IMPORT = write.vector([concat(write.name('env'), write.name('f'), write.bytes(0, 0))]);

describe('refused', () => {
  test.each<[string, string, Uint8Array]>([
    ['nothing (control)', 'taken', CONSTANT],
    ['an import', 'WASM_IMPORTS', wasm({ imports: IMPORT, functions: [RESERVE, [[], i32(0)]] })],
    [
      'memory without a maximum',
      'WASM_MEMORY',
      wasm({ memory: [0, 1], functions: [RESERVE, RESERVE] }),
    ],
    ['shared memory', 'WASM_THREADS', wasm({ memory: [3, 1, 2], functions: [RESERVE, RESERVE] })],
    ['64-bit memory', 'WASM_MEMORY', wasm({ memory: [5, 1, 2], functions: [RESERVE, RESERVE] })],
    [
      'too much memory',
      'WASM_MEMORY',
      wasm({ memory: [1, 1, 0x80, 0x10], functions: [RESERVE, RESERVE] }),
    ],
    ['an atomic', 'WASM_THREADS', running([0xfe, 0x10, 2, 0])],
    ['relaxed SIMD', 'WASM_RELAXED_SIMD', running([0xfd, 0x80, 0x02])],
    ['a vector', 'WASM_FEATURE', running([0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x1a])],
    ['a tail call', 'WASM_FEATURE', running([...i32(0), 0x12, 0])],
    ['an exception', 'WASM_FEATURE', running([0x06, 0x40, 0x0b])],
    ['table.set', 'WASM_FEATURE', running([0x26, 0])],
    ['ref.null', 'WASM_FEATURE', running([0xd0, 0x70, 0x1a])],
    ['memory.init', 'WASM_FEATURE', running([...i32(0), ...i32(0), ...i32(0), 0xfc, 8, 0, 0])],
    ['a bomb of locals', 'WASM_LIMIT', running([], [local(0xfffffff, F64)])],
    ['a bomb of functions', 'WASM_LIMIT', concat(write.HEADER, write.section(3, write.u32(1e6)))],
    [
      'a length that is not there',
      'WASM_TRUNCATED',
      concat(write.HEADER, write.section(3, write.u32(99))),
    ],
    [
      'a block too deep',
      'WASM_LIMIT',
      running([
        ...new Array<number[]>(300).fill([0x02, 0x40]).flat(),
        ...new Array<number>(300).fill(0x0b),
      ]),
    ],
    ['a frame that fits (control)', 'taken', nested(100)],
    ['a frame beyond what a call may take', 'WASM_LIMIT', nested(200)],
    ['data to the last byte (control)', 'taken', withData(2 * 65536 - 16)],
    ['data behind the end of memory', 'WASM_MEMORY', withData(2 * 65536 - 15)],
    ['data before its beginning', 'WASM_MEMORY', withData(-8)],
    [
      'functions behind the end of the table',
      'WASM_LIMIT',
      wasm({
        functions: [RESERVE, RESERVE],
        elements: [0, 0],
        table: [0],
      }),
    ],
    ['a section twice', 'WASM_MALFORMED', concat(CONSTANT, write.section(10, write.vector([])))],
    ['an unknown section', 'WASM_FEATURE', concat(CONSTANT, write.section(13, write.vector([])))],
    [
      'no run',
      'WASM_EXPORTS',
      wasm({
        functions: [RESERVE],
        exports: [exported('memory', 2, 0), exported('reserve', 0, 0)],
      }),
    ],
    [
      'run that is memory',
      'WASM_EXPORTS',
      wasm({
        functions: [RESERVE],
        exports: [exported('memory', 2, 0), exported('reserve', 0, 0), exported('run', 2, 0)],
      }),
    ],
    [
      'an export twice',
      'WASM_MALFORMED',
      wasm({ functions: [RESERVE], exports: [exported('run', 0, 0), exported('run', 0, 0)] }),
    ],
    ['text', 'WASM_MALFORMED', new TextEncoder().encode('(module (func))')],
    ['nothing at all', 'WASM_TRUNCATED', new Uint8Array(0)],
  ])('%s: %s', (_, reason, bytes) => deepStrictEqual(reasonOf(bytes), reason));
});

test('whatever the bytes are: a refusal, or a module that the meter keeps valid', () => {
  const changed = fc
    .array(fc.tuple(fc.nat(CONSTANT.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) => {
      const bytes = CONSTANT.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const any = fc.oneof(
    changed,
    fc.uint8Array({ maxLength: 60 }).map((tail) => concat(write.HEADER, tail)),
  );
  fc.assert(
    fc.property(any, (bytes) => {
      if (reasonOf(bytes) !== 'taken' || !WebAssembly.validate(new Uint8Array(bytes))) return;
      ok(WebAssembly.validate(meterModule(parseModule(bytes))));
    }),
    { numRuns: 2000 },
  );
});
