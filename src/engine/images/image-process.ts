/**
 * One process inside a boundary, with one image loaded: a table in, a record out, one after the other.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { utf8 } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import type { Boundary } from '../../flows/image-ports.ts';
import { recordBytes } from '../../image/abi.ts';
import { ABI_EXPORTS, FUEL_EXPORT, RESET_EXPORT } from '../../image/wasm/meter.ts';
import { boundaryCommand, FILTER_DESCRIPTOR } from './boundary.ts';
import { seccompFilter } from './seccomp.ts';

/** What a process is started with. */
export type Program = {
  /** After the meter. */
  readonly module: Uint8Array;
  readonly fuel: number;
  readonly fields: number;
  readonly boundary: Boundary;
  /** Path of dist/image-runner.js. */
  readonly runner: string;
  /** Whether behind each record comes how much fuel was left: for authors, never over real rows. */
  readonly tellsFuel?: boolean;
};

const FUEL_BYTES = 8;

/** A module that takes longer to compile is not run: what is spent on it is nobody's fuel. */
const LONGEST_START_MS = 10_000;

/** Thrown where the process has ended; says nothing of why. */
const ended = (): Refusal => new Refusal('PROCESS_FAILED', 'image process');

const wordOf = (length: number): Uint8Array => {
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, length, true);
  return word;
};

/** Bytes as they come; asks for a number of them. A process that says more than was asked for is not listened to. */
class Received {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #wake: () => void = () => undefined;
  #over = false;

  /** `most` bytes may be here before they are taken. */
  constructor(stream: Readable, most: number) {
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      if (this.#length > most) {
        [this.#chunks, this.#length] = [[], 0];
        stream.destroy();
      }
      this.#wake();
    });
    const over = (): void => {
      this.#over = true;
      this.#wake();
    };
    stream.on('close', over);
    stream.on('error', over);
  }

  async take(length: number): Promise<Uint8Array> {
    while (this.#length < length) {
      if (this.#over) throw ended();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const all = Buffer.concat(this.#chunks);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    return new Uint8Array(all.subarray(0, length));
  }
}

export class ImageProcess {
  readonly #child: ChildProcess;
  readonly #in: Writable;
  readonly #out: Received;
  readonly #record: number;

  private constructor(child: ChildProcess, record: number) {
    const { stdin, stdout } = child;
    check(stdin !== null && stdout !== null, 'INTERNAL', 'pipes of an image process');
    // A process that died shows in what is read from it.
    stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    this.#child = child;
    this.#in = stdin;
    this.#record = record;
    this.#out = new Received(stdout, record);
  }

  /** Resolves when the module is compiled; refuses with PROCESS_FAILED, also where that takes too long. */
  static async start(program: Program, timeoutMs = LONGEST_START_MS): Promise<ImageProcess> {
    const filter = program.boundary === 'bubblewrap' ? seccompFilter() : undefined;
    const { file, args } = boundaryCommand(program.boundary, program.runner, filter !== undefined);
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'ignore', filter === undefined ? 'ignore' : 'pipe'],
      // bwrap and sh are found where systems have them; the image's own environment is empty.
      env: program.boundary === 'bubblewrap' ? { PATH: '/usr/bin:/bin' } : {},
      cwd: '/',
    });
    const { fields, fuel, tellsFuel = false } = program;
    const record = recordBytes(fields);
    const own = new ImageProcess(child, record + (tellsFuel ? FUEL_BYTES : 0));
    if (filter !== undefined) {
      const pipe = child.stdio[FILTER_DESCRIPTOR] as Duplex;
      pipe.on('error', () => undefined);
      pipe.end(filter);
    }
    const late = setTimeout(() => own.kill(), timeoutMs);
    const names = { ...ABI_EXPORTS, reset: RESET_EXPORT };
    const asked = tellsFuel ? { fuelLeft: FUEL_EXPORT } : {};
    const setup = { fuel: String(fuel), recordBytes: record, names, ...asked };
    await own.#send(utf8(JSON.stringify(setup)));
    await own.#send(program.module);
    try {
      await own.#out.take(1);
    } catch (error) {
      own.kill();
      throw error;
    } finally {
      clearTimeout(late);
    }
    return own;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#in.write(wordOf(bytes.length));
    if (this.#in.write(bytes) || this.#in.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#in.off('drain', done).off('close', done);
        resolve();
      };
      this.#in.on('drain', done).on('close', done);
    });
  }

  /** The record for a table, and the fuel that was left where that is told: whatever bytes the process gave. Refuses with PROCESS_FAILED where it died. */
  async answer(table: Uint8Array): Promise<Uint8Array> {
    // Both at once: the answer is asked for before the last byte is taken.
    const [record] = await Promise.all([this.#out.take(this.#record), this.#send(table)]);
    return record;
  }

  kill(): void {
    this.#in.destroy();
    this.#child.kill('SIGKILL');
  }
}
