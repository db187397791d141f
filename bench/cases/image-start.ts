/**
 * Cold start of a program: a process behind bubblewrap with the calibration example in it, one table in, one record
 * out, and its end. In the timer: sh, bubblewrap with its namespaces and filter, Node, compiling the metered module, one call.
 * Not in it: verifying and metering, which are done once for a study. Beside it Node alone, started and ended, which is
 * most of it. Size: people in the table.
 */
import { strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exampleImage } from '../../src/cli/example-image.ts';
import { ImageProcess, type Program } from '../../src/engine/images/image-process.ts';
import { recordBytes, writeTable } from '../../src/image/abi.ts';
import { meterModule } from '../../src/image/wasm/meter.ts';
import { parseModule } from '../../src/image/wasm/module.ts';
import { defineCase } from '../case.ts';

const RUNNER = fileURLToPath(new URL('image-runner.js', import.meta.url));

type Input = { readonly program: Program; readonly table: Uint8Array };

/** Every column of the declaration, a row a person, all values 1. */
async function inputOf(people: number): Promise<Input> {
  const { declaration, wasm } = await exampleImage('diabetes-calibration');
  const types = declaration.columns.map(({ type }) => type);
  const pieces = types.map((type) => {
    const values =
      type === 'int64'
        ? new BigInt64Array(people).fill(1n)
        : type === 'float64'
          ? new Float64Array(people).fill(1)
          : new Int32Array(people).fill(1);
    return [{ values, from: 0, to: people, isValid: () => true }];
  });
  const starts = Array.from({ length: people }, (_, i) => i);
  return {
    table: writeTable(types, pieces, people, starts),
    program: {
      module: meterModule(parseModule(wasm)),
      fuel: declaration.fuel,
      fields: declaration.fields.length,
      boundary: 'bubblewrap',
      runner: RUNNER,
    },
  };
}

async function start({ program, table }: Input): Promise<Uint8Array> {
  const process = await ImageProcess.start(program);
  try {
    return await process.answer(table);
  } finally {
    process.kill();
  }
}

export default defineCase<Input>({
  name: 'image/start',
  timed:
    'A process behind bubblewrap from its start to its first record: Node, compiling the metered calibration example, one table; not verifying or metering. Beside it Node alone. Size: people in the table.',
  sizes: [300],
  unit: 'ms',
  setup: inputOf,
  check: async (input) => {
    const record = await start(input);
    strictEqual(record.length, recordBytes(input.program.fields));
    // The version of a record, and no zeros of a program that failed.
    strictEqual(record[0], 1);
  },
  contenders: {
    'image/start': start,
    'node alone': () => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close'),
  },
});
