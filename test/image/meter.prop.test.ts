/** Whatever a program is made of, the meter changes nothing that it computes, and what it gives is valid. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { meterModule, RESET_EXPORT } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import * as write from '../../src/image/wasm/writer.ts';
import { COUNTER, F64, I32, i32, I64, local, RESERVE, wasm } from '../support/wasm-text.ts';

type Code = readonly number[];

/** Functions: reserve, run, two that run calls; parameter 0, then a counter of turns and these locals. */
const [TURNS, L32, L64, LF64] = [1, 2, 3, 4];
const LOCALS = [local(2, I32), local(1, I64), local(1, F64)];

const joined = (parts: readonly Code[]): Code => parts.flat();

/** Code that leaves an i32, an i64, an f64 on the stack, or nothing. */
const code = fc.letrec<{ i32: Code; i64: Code; f64: Code; nothing: Code }>((tie) => ({
  i32: fc.oneof(
    { maxDepth: 5, depthSize: 'large', withCrossShrink: true },
    fc.integer({ min: -3, max: 300 }).map(i32),
    fc.constantFrom<Code>([0x20, 0], [0x20, L32], [0x3f, 0]),
    fc
      .tuple(tie('i32'), tie('i32'), fc.constantFrom(0x6a, 0x6b, 0x6c, 0x71, 0x73, 0x48))
      .map(([a, b, op]) => [...a, ...b, op]),
    fc.tuple(tie('f64')).map(([a]) => [...a, 0xfc, 2]),
    fc.tuple(tie('i32')).map(([a]) => [...a, 0x40, 0]),
    fc.tuple(tie('i64')).map(([a]) => [...a, 0xa7]),
    // A block with a value, and a way out of it.
    fc
      .tuple(tie('i32'), tie('i32'), tie('i32'))
      .map(([a, b, c]) => [...[0x02, I32, ...a, ...b, 0x0d, 0, 0x1a, ...c, 0x0b]]),
    fc
      .tuple(tie('i32'), tie('i32'), tie('i32'))
      .map(([a, b, c]) => [...[...a, 0x04, I32, ...b, 0x05, ...c, 0x0b]]),
    // Direct, and through the table where the index is one of it.
    fc.tuple(tie('i32'), fc.constantFrom(2, 3)).map(([a, f]) => [...a, 0x10, f]),
    fc.tuple(tie('i32'), tie('i32')).map(([a, b]) => [...a, ...b, ...i32(1), 0x71, 0x11, 0, 0]),
  ),
  i64: fc.oneof(
    { maxDepth: 4, depthSize: 'large' },
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((n): Code => [0x42, ...write.signed(n)]),
    fc.constant<Code>([0x20, L64]),
    fc
      .tuple(tie('i64'), tie('i64'), fc.constantFrom(0x7c, 0x7e, 0x85))
      .map(([a, b, op]) => [...[...a, ...b, op]]),
    fc.tuple(tie('f64')).map(([a]) => [...a, 0xfc, 6]),
    fc.tuple(tie('i32')).map(([a]) => [...a, 0xac]),
  ),
  f64: fc.oneof(
    { maxDepth: 4, depthSize: 'large' },
    fc.double().map((x): Code => [0x44, ...new Uint8Array(new Float64Array([x]).buffer)]),
    fc.constant<Code>([0x20, LF64]),
    fc
      .tuple(tie('f64'), tie('f64'), fc.constantFrom(0xa0, 0xa1, 0xa2, 0xa3))
      .map(([a, b, op]) => [...[...a, ...b, op]]),
    fc.tuple(tie('i64')).map(([a]) => [...a, 0xb9]),
  ),
  nothing: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    fc.constant<Code>([0x01]),
    fc.tuple(tie('i32')).map(([a]) => [...a, 0x21, L32]),
    fc.tuple(tie('i64')).map(([a]) => [...a, 0x22, L64, 0x1a]),
    fc.tuple(tie('f64')).map(([a]) => [...a, 0x21, LF64]),
    fc.tuple(tie('nothing'), tie('nothing')).map(joined),
    // A store, a fill and a copy somewhere in the first kilobytes.
    fc.tuple(tie('i32'), tie('i64')).map(([a, b]) => [...a, ...i32(0xff8), 0x71, ...b, 0x37, 0, 0]),
    fc
      .tuple(tie('i32'), tie('i32'), fc.constantFrom<Code>([0xfc, 11, 0], [0xfc, 10, 0, 0]))
      .map(([a, b, op]) => [...a, ...i32(0xff), 0x71, ...i32(7), ...b, ...i32(0xff), 0x71, ...op]),
    fc
      .tuple(tie('i32'), tie('nothing'), tie('nothing'))
      .map(([a, b, c]) => [...[...a, 0x04, 0x40, ...b, 0x05, ...c, 0x0b]]),
    // Three ways out of two blocks, and code behind them that nothing reaches.
    fc
      .tuple(tie('i32'), tie('nothing'), tie('i32'))
      .map(([a, b, c]) => [
        ...[0x02, 0x40, 0x02, 0x40, ...a, 0x0e, 1, 0, 1, ...b, ...c, 0x40, 0, 0x1a],
        ...[0xfc, 10, 0, 0, 0x39, 3, 0, 0x0b, ...b, 0x0b],
      ]),
    // At most 20 turns in all.
    fc
      .tuple(tie('nothing'), tie('i32'))
      .map(([a, b]) => [
        ...[0x03, 0x40, ...a, 0x20, TURNS, ...i32(1), 0x6a, 0x22, TURNS, ...i32(20), 0x48],
        ...[...b, 0x71, 0x0d, 0, 0x0b],
      ]),
    fc.tuple(tie('i32'), tie('i32')).map(([a, b]) => [...a, 0x04, 0x40, ...b, 0x0f, 0x0b]),
    // Outside memory where the address is negative.
    fc.tuple(tie('i32'), tie('i32')).map(([a, b]) => [...a, ...b, 0x36, 0, 0]),
  ),
}));

const CALLED: readonly Code[] = [
  [0x20, 0, ...i32(3), 0x6c],
  [0x20, 0, 0x10, 2, 0x23, 0, 0xa7, 0x6a, 0x42, 1, 0x23, 0, 0x7c, 0x24, 0],
];

type Run = { readonly result: number | string; readonly memory: Buffer };

function run(module: Uint8Array<ArrayBuffer>, argument: number): Run {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
  const reset = exports[RESET_EXPORT] as ((fuel: bigint) => void) | undefined;
  reset?.(10n ** 15n);
  let result: number | string;
  try {
    result = (exports['run'] as (at: number) => number)(argument);
  } catch (error) {
    ok(error instanceof WebAssembly.RuntimeError);
    result = error.message;
  }
  // After the call: an engine's own memory.grow gives another buffer.
  const { buffer } = exports['memory'] as WebAssembly.Memory;
  return { result, memory: Buffer.from(buffer, 0, 1 << 13) };
}

test('a metered program gives the same result, the same memory, or the same trap', () => {
  const results = new Set<string>();
  fc.assert(
    fc.property(code.nothing, code.i32, fc.integer({ min: -2, max: 40 }), (body, last, at) => {
      const functions = [
        RESERVE,
        [LOCALS, [...body, ...last]] as const,
        ...CALLED.map((each) => [[], each] as const),
      ];
      const binary = wasm({ memory: [1, 2, 2], globals: [COUNTER], table: [2, 3], functions });
      const plain = run(new Uint8Array(binary), at);
      results.add(typeof plain.result);
      deepStrictEqual(run(meterModule(parseModule(binary)), at), plain);
    }),
    { numRuns: 400 },
  );
  // Programs that end and programs that trap.
  deepStrictEqual(results.size, 2);
});
