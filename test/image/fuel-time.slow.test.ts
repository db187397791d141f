/**
 * A unit of fuel takes 8 ns at the most, which is 2 ns and the margin of the deadline (cohort/deadline.ts): else a
 * program that is slow at one person would make its holder late, and one block would change every answer.
 * x86 processors hand arithmetic of subnormal floats to microcode, and there is nothing slower without memory.
 */
import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'vitest';
import { V8_FLAGS } from '../../src/engine/images/boundary.ts';
import { FUEL_EXPORT, meterModule, RESET_EXPORT } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import { F64, I32, i32, local, RESERVE, wasm } from '../support/wasm-text.ts';

const [TURNS, OPERATIONS] = [200, 500];
const MOST_NS = 8;

/** The fastest of many runs: whatever else the machine does makes them slower. */
const TIMED = `
const module = new WebAssembly.Module(require('node:fs').readFileSync(0));
const { exports } = new WebAssembly.Instance(module);
const [reset, fuel] = process.argv.slice(1);
let best = Infinity;
for (let run = 0; run < 40; run += 1) {
  exports[reset](10n ** 15n);
  const began = performance.now();
  exports.run(0);
  best = Math.min(best, performance.now() - began);
}
console.log(JSON.stringify({ ns: 1e6 * best, units: Number(10n ** 15n - exports[fuel].value) }));`;

const f64 = (value: number): number[] => [
  0x44,
  ...new Uint8Array(new Float64Array([value]).buffer),
];

/** How long a unit and an operation take where x becomes x · 1, or x / 1, again and again. */
function timeOf(opcode: number, x: number): { readonly unit: number; readonly operation: number } {
  const operations = Array.from({ length: OPERATIONS }, () => [0x20, 2, opcode]).flat();
  const binary = wasm({
    functions: [
      RESERVE,
      [
        [local(1, I32), local(2, F64)],
        [
          // From memory, so that no compiler knows the values.
          ...[...i32(64), ...f64(1), 0x39, 3, 0, ...i32(64), 0x2b, 3, 0, 0x21, 2],
          ...[...i32(72), ...f64(x), 0x39, 3, 0, ...i32(72), 0x2b, 3, 0, 0x21, 3],
          ...[0x03, 0x40, 0x20, 3, ...operations, 0x21, 3],
          ...[0x20, 1, ...i32(1), 0x6a, 0x22, 1, ...i32(TURNS), 0x48, 0x0d, 0, 0x0b],
          ...[...i32(72), 0x20, 3, 0x39, 3, 0, ...i32(0)],
        ],
      ],
    ],
  });
  const argv = [...V8_FLAGS, '-e', TIMED, RESET_EXPORT, FUEL_EXPORT];
  const input = meterModule(parseModule(binary));
  const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8', input });
  const { ns, units } = JSON.parse(stdout) as { ns: number; units: number };
  return { unit: ns / units, operation: ns / TURNS / OPERATIONS };
}

test.each([
  ['products', 0xa2],
  ['quotients', 0xa3],
])('%s of subnormal floats take less than they are charged', (_, opcode) => {
  const { unit, operation } = timeOf(opcode, 1e-310);
  ok(unit < MOST_NS, `${unit} ns a unit`);
  const { operation: ordinary } = timeOf(opcode, 1);
  // Control: what an ordinary operation takes would not have paid for it.
  ok(process.arch !== 'x64' || operation > 4 * ordinary, `${operation} ns and ${ordinary} ns`);
});
