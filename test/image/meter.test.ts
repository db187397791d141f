/** A metered program computes the same, ends when its fuel ends, and leaves nothing behind. */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { test } from 'vitest';
import { V8_FLAGS } from '../../src/engine/images/boundary.ts';
import { FUEL_EXPORT, meterModule, RESET_EXPORT } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import { regionWeights } from '../../src/image/wasm/meter-body.ts';
import * as write from '../../src/image/wasm/writer.ts';
import {
  answering,
  COUNTER,
  F64,
  I32,
  i32,
  I64,
  i64,
  local,
  RESERVE,
  wasm,
} from '../support/wasm-text.ts';

type Exports = {
  readonly memory: WebAssembly.Memory;
  readonly run: (at: number) => number;
  readonly reset: (fuel: bigint) => void;
  readonly fuel: () => bigint;
};

function metered(bytes: Uint8Array): Exports {
  const module = new WebAssembly.Module(meterModule(parseModule(bytes)));
  const { exports } = new WebAssembly.Instance(module);
  return {
    memory: exports.memory as WebAssembly.Memory,
    run: exports.run as Exports['run'],
    reset: exports[RESET_EXPORT] as Exports['reset'],
    fuel: () => (exports[FUEL_EXPORT] as WebAssembly.Global).value as bigint,
  };
}

const answer = ({ memory }: Exports): bigint => new DataView(memory.buffer).getBigInt64(24, true);

/** Adds 1 to a local as often as the argument says, by a loop inside a block. */
const COUNTING = wasm({
  functions: [
    RESERVE,
    [
      [local(1, 0x7e)],
      [
        ...[0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x45, 0x0d, 1],
        ...[
          0x20,
          1,
          ...i64(1n),
          0x7c,
          0x21,
          1,
          0x20,
          0,
          ...i32(1),
          0x6b,
          0x21,
          0,
          0x0c,
          0,
          0x0b,
          0x0b,
        ],
        ...answering(0x20, 1),
      ],
    ],
  ],
});

test('a loop computes what it did, and pays for every turn', () => {
  const program = metered(COUNTING);
  const cost = (turns: number): bigint => {
    program.reset(1_000_000n);
    program.run(turns);
    deepStrictEqual(answer(program), BigInt(turns));
    return 1_000_000n - program.fuel();
  };
  const [none, one, many] = [cost(0), cost(1), cost(100)];
  deepStrictEqual(many - none, 100n * (one - none));
  // Twelve instructions stand in the loop.
  ok(one - none >= 12n);
});

test('fuel ends the same way wherever it ends, and one unit more is enough', () => {
  const program = metered(COUNTING);
  program.reset(1_000_000n);
  program.run(50);
  const needed = 1_000_000n - program.fuel();
  program.reset(needed);
  program.run(50);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: needed - 1n }), (fuel) => {
      program.reset(fuel);
      throws(() => program.run(50), WebAssembly.RuntimeError);
    }),
  );
});

test('a program without end and one that calls itself without end trap', () => {
  const endless = metered(
    wasm({ functions: [RESERVE, [[], [0x03, 0x40, 0x0c, 0, 0x0b, ...i32(0)]]] }),
  );
  endless.reset(1_000_000n);
  throws(() => endless.run(0), WebAssembly.RuntimeError);
  const recursive = metered(wasm({ functions: [RESERVE, [[], [0x20, 0, 0x10, 1]]] }));
  const left = [10n ** 15n, 2n * 10n ** 15n].map((fuel) => {
    recursive.reset(fuel);
    throws(() => recursive.run(0), WebAssembly.RuntimeError);
    return fuel - recursive.fuel();
  });
  // Not by fuel and not by the stack of the engine, which gives a RangeError: at a depth of its own.
  deepStrictEqual(left[0], left[1]);
  ok((left[0] ?? 0n) < 100_000n);
});

/** Calls `run` of the module that it reads, metered already, and says how that ended. */
const RUN_METERED = `
const module = new WebAssembly.Module(require('node:fs').readFileSync(0));
const { exports } = new WebAssembly.Instance(module);
exports[process.argv[1]](10n ** 15n);
try {
  exports.run(0);
  console.log('ended');
} catch (error) {
  console.log(error.name, error.message);
}`;

/** How `run` of a binary ends in an engine with the flags of the runner: RangeError where its stack ends first. */
function endOf(binary: Uint8Array): string {
  const argv = [...V8_FLAGS, '-e', RUN_METERED, RESET_EXPORT];
  const input = meterModule(parseModule(binary));
  return spawnSync(process.execPath, argv, { encoding: 'utf8', input }).stdout.trim();
}

const DIRECT = [0x10, 2];
const INDIRECT = [...i32(0), 0x11, 2, 0];

test.each([
  [1, 'direct', DIRECT],
  [3, 'direct', DIRECT],
  [1, 'indirect', INDIRECT],
  [3, 'indirect', INDIRECT],
])('%i %s calls of 64 results each, without end: the meter traps', (calls, _, call) => {
  const recursive = wasm({
    types: [write.bytes(0x60, 1, I32, 64, ...Array.from({ length: 64 }, () => I64))],
    table: [2],
    functions: [
      RESERVE,
      [[], [0x20, 0, 0x10, 2, ...Array.from({ length: 64 }, () => 0x1a), ...i32(0)]],
      [[], [...Array.from({ length: calls }, () => [0x20, 0, ...call]).flat(), 0x0f], 2],
    ],
  });
  deepStrictEqual(endOf(recursive), 'RuntimeError unreachable');
});

/** Calls itself without end from the innermost of 40 loops, each of which merges 1,000 locals. */
function recursiveLoops(): Uint8Array {
  const locals = Array.from({ length: 1000 }, (_, i) => write.u32(1 + i));
  const next = (i: number): Uint8Array => locals[(i + 1) % locals.length] ?? write.u32(0);
  const loops = Array.from({ length: 40 });
  return wasm({
    globals: [COUNTER],
    functions: [
      RESERVE,
      [
        [local(1000, I64)],
        [
          // No two are the same, and all are used behind the loops.
          ...locals.flatMap((own, i) => [0x23, 0, ...i64(BigInt(i)), 0x7c, 0x21, ...own]),
          ...loops.flatMap(() => [0x03, 0x40]),
          ...locals.flatMap((own, i) => [0x20, ...next(i), 0x21, ...own]),
          ...[0x20, 0, 0x10, 1, 0x1a],
          ...loops.flatMap(() => [0x23, 0, 0xa7, 0x0d, 0, 0x0b]),
          ...locals.flatMap((own) => [0x20, ...own, 0x24, 0]),
          ...i32(0),
        ],
      ],
    ],
  });
}

test('recursion from inside loops that merge many locals: the meter traps', () => {
  deepStrictEqual(endOf(recursiveLoops()), 'RuntimeError unreachable');
});

test('memory does not grow, and is all there from the start', () => {
  const grow = metered(wasm({ functions: [RESERVE, [[], answering(0x20, 0, 0x40, 0, 0xac)]] }));
  const { buffer } = grow.memory;
  deepStrictEqual(buffer.byteLength, 2 * 65536);
  for (const [pages, size] of [
    [1, -1n],
    [-1, -1n],
    [0, 2n],
  ] as const) {
    grow.reset(1000n);
    grow.run(pages);
    deepStrictEqual(answer(grow), size);
  }
  // Growing by nothing detaches the buffer that the host writes to, where the engine does it.
  deepStrictEqual(grow.memory.buffer, buffer);
});

test('globals are as new after a reset, and a start function runs at its cost', () => {
  const counting = (start?: number) =>
    wasm({
      globals: [COUNTER],
      ...(start === undefined ? {} : { start }),
      functions: [
        RESERVE,
        [[], [0x23, 0, ...i64(1n), 0x7c, 0x24, 0, ...answering(0x23, 0)]],
        [[], start === undefined ? i32(0) : [...i64(40n), 0x24, 0]],
      ],
    });
  const program = metered(counting());
  for (let call = 0; call < 3; call += 1) {
    program.reset(1000n);
    program.run(0);
    deepStrictEqual(answer(program), 1n);
  }
  const started = metered(counting(2));
  started.reset(1000n);
  started.run(0);
  deepStrictEqual(answer(started), 41n);
  throws(() => started.reset(1n), WebAssembly.RuntimeError);
});

test('every NaN that becomes bits is the canonical one; other numbers stay', () => {
  // f64 of the bits in memory at 64, plus zero, reinterpreted.
  const program = metered(
    wasm({ functions: [RESERVE, [[local(1, F64)], answering(...i32(64), 0x2b, 3, 0, 0xbd)]] }),
  );
  const bits = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 0x7ff0000000000001n, max: 0x7fffffffffffffffn }),
    fc.bigInt({ min: 0xfff0000000000001n, max: 0xffffffffffffffffn }),
  );
  fc.assert(
    fc.property(bits, (given) => {
      const view = new DataView(program.memory.buffer);
      view.setBigUint64(64, given, true);
      program.reset(1000n);
      program.run(0);
      const isNaN = Number.isNaN(view.getFloat64(64, true));
      const wanted = isNaN ? 0x7ff8000000000000n : given;
      deepStrictEqual(BigInt.asUintN(64, answer(program)), wanted);
    }),
  );
});

test('memory.copy costs by its length', () => {
  const program = metered(
    wasm({
      functions: [RESERVE, [[], [...i32(4096), ...i32(0), 0x20, 0, 0xfc, 10, 0, 0, ...i32(0)]]],
    }),
  );
  const cost = (length: number): bigint => {
    program.reset(100_000n);
    program.run(length);
    return 100_000n - program.fuel();
  };
  deepStrictEqual(cost(8000) - cost(0), 1000n);
});

test('weights of nested loops add up to those of the body', () => {
  const { bodies } = parseModule(COUNTING);
  const steps = bodies[1]?.steps ?? [];
  const weights = regionWeights(steps);
  deepStrictEqual(weights.length, 2);
  const sum = steps.reduce((all, { weight }) => all + weight, 1);
  deepStrictEqual(
    weights.reduce((a, b) => a + b),
    sum,
  );
});
