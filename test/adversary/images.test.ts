/**
 * A zoo of hostile programs (rulings 32, 33, test 8): each is contained, with a control that shows what it
 * would have done, or that the check can fail. What is refused before it runs is in test/image.
 */
import { deepStrictEqual, notDeepStrictEqual, ok, rejects } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { boundaryCommand } from '../../src/engine/images/boundary.ts';
import { ImageProcess } from '../../src/engine/images/image-process.ts';
import { seccompFilter } from '../../src/engine/images/seccomp.ts';
import { answersOf, FIRST_VALUE, tableOf } from '../support/image-lab.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { answering, COUNTER, F64, i32, i64, local, RESERVE, wasm } from '../support/wasm-text.ts';

type Code = readonly number[];

const program = (run: Code, locals: readonly Uint8Array[] = [], reserve = RESERVE): Uint8Array =>
  wasm({ globals: [COUNTER], functions: [reserve, [locals, run]] });

/** `then` where the first value is 77, else `other`. */
const ifMarked = (then: Code, other: Code): number[] => [
  ...FIRST_VALUE,
  ...[...i64(77n), 0x51, 0x04, 0x7f, ...then, 0x05, ...other, 0x0b],
];

const PLAIN = answering(...FIRST_VALUE);
const TABLES = [tableOf(3n), tableOf(77n), tableOf(9n, 1n)];
const ENDLESS: Code = [0x03, 0x40, 0x0c, 0, 0x0b, ...i32(0)];

/** Where only the block with the mark is hit, every other answer is what it is without the mark. */
describe('a block is answered for by itself', () => {
  test.each<[string, Uint8Array, bigint]>([
    ['nothing (control)', program(PLAIN), 77n],
    ['traps at one person', program(ifMarked([0x00], PLAIN)), 50n],
    ['never ends at one person', program(ifMarked(ENDLESS, PLAIN)), 50n],
    ['calls itself without end at one person', program(ifMarked([...i32(0), 0x10, 1], PLAIN)), 50n],
    [
      'allocates without end at one person',
      program(ifMarked([0x03, 0x40, ...i32(1), 0x40, 0, 0x1a, 0x0c, 0, 0x0b, ...i32(0)], PLAIN)),
      50n,
    ],
    [
      'fills its memory at one person',
      program(
        ifMarked([...i32(0), ...i32(1), 0x41, 0x80, 0x80, 0x10, 0xfc, 11, 0, ...i32(0)], PLAIN),
      ),
      50n,
    ],
    [
      'takes a thousand times longer at one person',
      program(
        ifMarked(
          [
            ...i32(50_000),
            0x21,
            1,
            0x03,
            0x40,
            0x20,
            1,
            ...i32(1),
            0x6b,
            0x22,
            1,
            0x0d,
            0,
            0x0b,
            ...PLAIN,
          ],
          PLAIN,
        ),
        [local(1, 0x7f)],
      ),
      77n,
    ],
    ['answers from outside its memory', program(ifMarked(i32(-4), PLAIN)), 50n],
    ['answers out of range', program(ifMarked(answering(...i64(-(2n ** 60n))), PLAIN)), 0n],
    ['answers too high', program(ifMarked(answering(...i64(2n ** 62n)), PLAIN)), 100n],
    [
      'gives a record of another version',
      program(
        ifMarked(
          [...answering(...i64(7n)), 0x1a, ...i32(16), ...i32(9), 0x36, 2, 0, ...i32(16)],
          PLAIN,
        ),
      ),
      50n,
    ],
    [
      'gives a record of more fields',
      program(
        ifMarked(
          [...answering(...i64(7n)), 0x1a, ...i32(16), ...i32(2), 0x36, 2, 4, ...i32(16)],
          PLAIN,
        ),
      ),
      50n,
    ],
  ])('%s', async (_, binary, marked) => {
    deepStrictEqual(await answersOf(binary, TABLES), [[3n], [marked], [9n]]);
  });

  test('a table that does not fit, and one that is asked for nowhere, count as the default', async () => {
    const huge = tableOf(...Array.from({ length: 20_000 }, () => 1n));
    deepStrictEqual(await answersOf(program(PLAIN), [huge, tableOf(3n)]), [[50n], [3n]]);
    for (const at of [0, 12, -8]) {
      const lost = program(PLAIN, [], [[], i32(at)]);
      deepStrictEqual(await answersOf(lost, [tableOf(3n)]), [[50n]]);
    }
  });
});

describe('nothing is kept between blocks', () => {
  // Answers what an earlier call left in memory and in a global, and leaves its own first value.
  const KEEPER = program([
    ...answering(0x23, 0, ...i32(64), 0x29, 3, 0, 0x7c),
    0x1a,
    ...[...FIRST_VALUE, 0x24, 0, ...i32(64), ...FIRST_VALUE, 0x37, 3, 0],
    ...i32(16),
  ]);

  test('neither in memory nor in globals', async () => {
    deepStrictEqual(await answersOf(KEEPER, TABLES), [[0n], [0n], [0n]]);
  });

  test('control: without a reset it does', () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(KEEPER)));
    const view = new DataView((exports.memory as WebAssembly.Memory).buffer);
    new Uint8Array(view.buffer).set(tableOf(3n), 1024);
    const run = exports.run as (at: number) => number;
    const answers = [0, 1].map(() => {
      run(1024);
      return view.getBigInt64(24, true);
    });
    deepStrictEqual(answers, [0n, 6n]);
  });

  test('behind the weaker wall it is the same', async () => {
    const binary = program(ifMarked([0x00], PLAIN));
    const answers = await answersOf(binary, TABLES, { boundary: 'process' });
    deepStrictEqual(answers, [[3n], [50n], [9n]]);
  });

  test('the order of blocks and the number of processes change nothing', async () => {
    const binary = program(ifMarked(ENDLESS, PLAIN));
    const backwards = await answersOf(binary, [...TABLES].reverse(), { processes: 3 });
    deepStrictEqual(backwards.reverse(), await answersOf(binary, TABLES));
  });
});

describe('floats say nothing but their value', () => {
  /** The bits of a f64 computed from the first value, modulo 97. */
  const bitsOf = (code: Code): Uint8Array =>
    program(answering(...code, 0xbd, ...i64(97n), 0x82), [local(1, F64)]);
  // f64 reinterpreted from 0x7ff8000000000000 | value: a NaN with a payload.
  const PAYLOAD: Code = [...FIRST_VALUE, ...i64(0x7ff8000000000000n), 0x84, 0xbf];

  test('the payload of a NaN is gone when it becomes bits', async () => {
    const [a, b] = await answersOf(bitsOf(PAYLOAD), [tableOf(3n), tableOf(4n)]);
    deepStrictEqual(a, b);
    // Control: bits of numbers are told apart.
    const [c, d] = await answersOf(bitsOf([...FIRST_VALUE, 0xb9]), [tableOf(3n), tableOf(4n)]);
    notDeepStrictEqual(c, d);
  });
});

describe('a process that dies', () => {
  /** Speaks the protocol of the runner, gives so many records for a table, and dies where `dies` holds for it. */
  function dyingRunner(dies: string, records = 1): string {
    const file = path.join(scratch(), 'runner.mjs');
    writeFileSync(
      file,
      `import { readSync, writeSync } from 'node:fs';
const take = (n) => { const b = Buffer.alloc(n); for (let at = 0; at < n; ) { const got = readSync(0, b, at, n - at, null); if (got === 0) process.exit(); at += got; } return b; };
const sized = () => take(take(4).readUInt32LE());
sized(); sized(); writeSync(1, Uint8Array.of(1));
for (let served = 0; ; served += 1) {
  const table = sized();
  const value = table.readBigInt64LE(table.readUInt32LE(36));
  if (${dies}) process.abort();
  const record = Buffer.alloc(16); record.writeUInt32LE(1, 0); record.writeUInt32LE(1, 4); record.writeBigInt64LE(value, 8);
  writeSync(1, Buffer.concat(Array(${records}).fill(record)));
}`,
    );
    return file;
  }

  test('and one that is not ready in time is a refusal', async () => {
    const file = path.join(scratch(), 'runner.mjs');
    writeFileSync(file, 'setInterval(() => undefined, 1000);');
    const started = ImageProcess.start(
      { module: new Uint8Array(8), fuel: 1, fields: 1, boundary: 'bubblewrap', runner: file },
      300,
    );
    await rejects(started, refusal('PROCESS_FAILED'));
  });

  test('and one that says more than it was asked for is not listened to', async () => {
    const answers = async (records: number): Promise<bigint[][]> =>
      answersOf(program(PLAIN), TABLES, { runner: dyingRunner('false', records) });
    deepStrictEqual(await answers(1), [[3n], [77n], [9n]]);
    deepStrictEqual(await answers(1000), [[50n], [50n], [50n]]);
  });

  test.each([
    ['at one block: that block fails, alone', 'value === 77n', [[3n], [50n], [9n]]],
    ['of old age: each block is run again in a fresh one', 'served === 1', [[3n], [77n], [9n]]],
  ])('%s', async (_, dies, answers) => {
    const runner = dyingRunner(dies);
    deepStrictEqual(await answersOf(program(PLAIN), TABLES, { runner }), answers);
  });
});

test('many large tables leave no listener behind', async () => {
  const warnings: string[] = [];
  const listen = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', listen);
  const large = tableOf(...Array.from({ length: 30_000 }, () => 1n));
  await answersOf(
    program(PLAIN),
    Array.from({ length: 24 }, () => large),
  );
  await setImmediate();
  process.off('warning', listen);
  deepStrictEqual(warnings, []);
});

/** What a program would try that has broken out of WebAssembly and runs as JavaScript in the process. */
const ESCAPED = `
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
const port = Number(process.argv[2]);
const tried = (what) => { try { return what() ? 'yes' : 'no'; } catch (error) { return error.code ?? 'no'; } };
const can = {
  environment: Object.keys(process.env).filter((name) => name !== 'PWD').length > 0 ? 'yes' : 'no',
  passwords: tried(() => readFileSync('/etc/passwd').length > 0),
  home: tried(() => readdirSync('/home').length >= 0),
  processes: tried(() => readdirSync('/proc').length > 0),
  write: tried(() => { writeFileSync('/image-was-here', 'x'); return true; }),
  temporary: tried(() => { writeFileSync('/tmp/image-was-here', 'x'); return true; }),
  fork: tried(() => spawnSync('/bin/sh', ['-c', 'true']).status === 0),
  forkItself: tried(() => spawnSync(process.execPath, ['--version']).status === 0),
  memory: tried(() => Buffer.alloc(2 ** 30).length > 0),
  signal: tried(() => process.kill(Number(process.argv[3]), 0)),
  interfaces: tried(() => Object.values(networkInterfaces()).flat().some(({ internal }) => !internal)),
};
const connected = await new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => { socket.destroy(); resolve('yes'); });
  socket.on('error', (error) => resolve(error.code));
});
const listening = await new Promise((resolve) => {
  const server = createServer();
  server.on('error', (error) => resolve(error.code));
  server.listen(0, '127.0.0.1', () => server.close(() => resolve('yes')));
});
process.stdout.write(JSON.stringify({ ...can, connected, listening }));
`;

type Can = Readonly<Record<string, string>>;

async function tryEscape(
  start: (script: string) => readonly [string, readonly string[]],
): Promise<Can> {
  const script = path.join(scratch(), 'escaped.mjs');
  writeFileSync(script, ESCAPED);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const [file, args] = start(script);
  const filter = seccompFilter();
  const child = spawn(file, [...args, String(port), String(process.pid)], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
  });
  const pipe = child.stdio[3] as NodeJS.WritableStream;
  pipe.on('error', () => undefined);
  pipe.end(Buffer.from(filter ?? []));
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  server.close();
  return JSON.parse(text) as Can;
}

describe('a program that has broken out of WebAssembly', () => {
  test('finds no network, file, process or variable behind bubblewrap', async () => {
    const can = await tryEscape((script) => {
      const { file, args } = boundaryCommand('bubblewrap', script, true);
      return [file, args];
    });
    deepStrictEqual(
      Object.entries(can).filter(([, answer]) => answer === 'yes'),
      [],
    );
    deepStrictEqual([can['connected'], can['listening']], ['EPERM', 'EPERM']);
  });

  test('behind the permission model of node: the network, and no file or process', async () => {
    const can = await tryEscape((script) => {
      const { file, args } = boundaryCommand('process', script, false);
      return [file, args];
    });
    const open = Object.entries(can).flatMap(([what, answer]) => (answer === 'yes' ? [what] : []));
    // It is the weaker wall, and the study that takes it says so.
    const closed = ['passwords', 'home', 'processes', 'write', 'temporary', 'fork', 'memory'];
    deepStrictEqual(
      [...closed, 'forkItself'].filter((what) => open.includes(what)),
      [],
    );
    ok(open.includes('connected'));
  });

  test('control: without walls it can do all of it', async () => {
    const can = await tryEscape((script) => [process.execPath, [script]]);
    for (const what of [
      'environment',
      'processes',
      'temporary',
      'fork',
      'forkItself',
      'memory',
      'connected',
      'listening',
    ]) {
      deepStrictEqual(can[what], 'yes', what);
    }
    spawnSync('/bin/rm', ['-f', '/image-was-here', '/tmp/image-was-here']);
  });
});
