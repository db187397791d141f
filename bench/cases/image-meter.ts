/**
 * What metering costs: the calibration example (bench of a program that computes: logistic regression with
 * exponentials), metered against as compiled, each in a fresh instance. Size: people in the block.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { exampleImage } from '../../src/cli/example-image.ts';
import { writeTable } from '../../src/image/abi.ts';
import { meterModule, RESET_EXPORT } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import { defineCase } from '../case.ts';

type Input = {
  readonly plain: WebAssembly.Module;
  readonly metered: WebAssembly.Module;
  readonly table: Uint8Array;
};

const FUEL = 10n ** 12n;

function tableOf(people: number): Uint8Array {
  const mixed = (i: number, below: number): number => (Math.imul(i + 1, 0x9e3779b1) >>> 8) % below;
  const piece = { from: 0, to: people, isValid: () => true };
  const all = Array.from({ length: people }, (_, i) => i);
  return writeTable(
    ['int64', 'float64', 'int64', 'category'],
    [
      [{ ...piece, values: BigInt64Array.from(all, (i) => BigInt(40 + mixed(i, 50))) }],
      [{ ...piece, values: Float64Array.from(all, (i) => 5 + mixed(i, 60) / 10) }],
      [{ ...piece, values: BigInt64Array.from(all, (i) => BigInt(1990 + mixed(3 * i, 34))) }],
      [{ ...piece, values: Int32Array.from(all, (i) => mixed(7 * i, 5)) }],
    ],
    people,
    all,
  );
}

/** The bytes of the record. */
function run(module: WebAssembly.Module, table: Uint8Array): Uint8Array {
  const { exports } = new WebAssembly.Instance(module);
  const call = (name: string) => exports[name] as (argument: number | bigint) => number;
  if (RESET_EXPORT in exports) call(RESET_EXPORT)(FUEL);
  const at = call('reserve')(table.length);
  const { buffer } = exports['memory'] as WebAssembly.Memory;
  new Uint8Array(buffer).set(table, at);
  const record = call('run')(at);
  return new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer).slice(
    record,
    record + 32,
  );
}

export default defineCase<Input>({
  name: 'image/meter',
  timed:
    'One call of the calibration example on a block, metered, in a fresh instance; against the same as compiled. Size: people in the block.',
  sizes: [4000],
  unit: 'ms',
  setup: async (people) => {
    const { wasm } = await exampleImage('diabetes-calibration');
    return {
      plain: new WebAssembly.Module(new Uint8Array(wasm)),
      metered: new WebAssembly.Module(meterModule(parseModule(wasm))),
      table: tableOf(people),
    };
  },
  check: ({ plain, metered, table }) => deepStrictEqual(run(metered, table), run(plain, table)),
  contenders: {
    metered: ({ metered, table }) => run(metered, table),
    plain: ({ plain, table }) => run(plain, table),
  },
  // Below 40 % more time.
  gate: { contender: 'metered', against: 'plain', atLeast: 1 / 1.4 },
});
