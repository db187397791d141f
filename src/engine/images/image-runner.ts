/**
 * The process in which an image runs (dist/image-runner.js): reads tables from its standard input, writes a
 * record for each to its standard output, knows nothing else. It imports nothing of ours, so that one
 * file is all that its root holds.
 *
 *     in   u32 length, JSON setup; u32 length, module; then u32 length, table, again and again
 *     out  one byte when ready; then for each table a record of the declared size: the program's bytes, or
 *          zeros where it trapped or its record lies nowhere. Zeros are no record: they count as the default.
 *          For an author who tries an image (try-image.ts), and there only, i64 units of fuel that were left behind it.
 *
 * Every call meets the module as if new: memory as after instantiation, globals by its reset function,
 * fuel as declared. A table is read from the pipe straight into the program's memory.
 * @module
 */
import { readSync, writeSync } from 'node:fs';

type Setup = {
  readonly fuel: string;
  readonly recordBytes: number;
  readonly names: Readonly<Record<'memory' | 'reserve' | 'run' | 'reset', string>>;
  /** The export that says how much fuel is left, where that is asked for. */
  readonly fuelLeft?: string;
};

/** Also the size of a page of WebAssembly. */
const BUFFER = 1 << 16;
const PAGE_ALIGNMENT = 8;

/** Standard input: small reads from a buffer, large ones straight to where they belong. */
const buffer = new Uint8Array(BUFFER);
let [start, end] = [0, 0];

/** Fills `target`; false at the end of the input. */
function read(target: Uint8Array): boolean {
  let at = 0;
  while (at < target.length) {
    if (start === end) {
      const wanted = target.length - at;
      if (wanted >= BUFFER) {
        const got = readSync(0, target, at, wanted, null);
        if (got === 0) return false;
        at += got;
        continue;
      }
      [start, end] = [0, readSync(0, buffer, 0, BUFFER, null)];
      if (end === 0) return false;
    }
    const part = Math.min(end - start, target.length - at);
    target.set(buffer.subarray(start, start + part), at);
    start += part;
    at += part;
  }
  return true;
}

function readLength(): number | undefined {
  const word = new Uint8Array(4);
  return read(word) ? new DataView(word.buffer).getUint32(0, true) : undefined;
}

function readSized(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(readLength() ?? 0);
  if (!read(bytes)) process.exit(1);
  return bytes;
}

function skip(length: number): void {
  for (let left = length; left > 0; left -= BUFFER) {
    if (!read(new Uint8Array(Math.min(left, BUFFER)))) process.exit(1);
  }
}

const ZEROS = Buffer.alloc(BUFFER);

/** The bytes up to the last one that is not zero. `bytes` is whole pages. */
function beginning(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && ZEROS.equals(bytes.subarray(end - BUFFER, end))) end -= BUFFER;
  const own = bytes.subarray(0, end);
  return bytes.slice(0, own.findLastIndex((byte) => byte !== 0) + 1);
}

type Call = (argument: number | bigint) => number;

class Program {
  readonly #memory: WebAssembly.Memory;
  readonly #image: Uint8Array;
  readonly #calls: Readonly<Record<'reserve' | 'run' | 'reset', Call>>;
  readonly #fuel: WebAssembly.Global | undefined;
  readonly #setup: Setup;

  constructor(setup: Setup, module: Uint8Array<ArrayBuffer>) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module));
    const { names, fuelLeft } = setup;
    this.#fuel = fuelLeft === undefined ? undefined : (exports[fuelLeft] as WebAssembly.Global);
    this.#setup = setup;
    this.#memory = exports[names.memory] as WebAssembly.Memory;
    this.#calls = {
      reserve: exports[names.reserve] as Call,
      run: exports[names.run] as Call,
      reset: exports[names.reset] as Call,
    };
    this.#image = beginning(new Uint8Array(this.#memory.buffer));
  }

  /** Where the program wants a table of this length; undefined where it trapped or has no room. */
  #place(length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(this.#memory.buffer);
    bytes.fill(0);
    bytes.set(this.#image);
    try {
      this.#calls.reset(BigInt(this.#setup.fuel));
      const at = this.#calls.reserve(length) >>> 0;
      const fits = at > 0 && at % PAGE_ALIGNMENT === 0 && at + length <= bytes.length;
      return fits ? bytes.subarray(at, at + length) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The record for the next table, of `length` bytes. */
  answer(length: number): Uint8Array {
    const { recordBytes } = this.#setup;
    const nothing = new Uint8Array(recordBytes);
    // reserve takes a positive i32.
    const table = length < 2 ** 31 ? this.#place(length) : undefined;
    if (table === undefined) {
      skip(length);
      return nothing;
    }
    if (!read(table)) process.exit(1);
    try {
      const at = this.#calls.run(table.byteOffset) >>> 0;
      const bytes = new Uint8Array(this.#memory.buffer);
      return at + recordBytes <= bytes.length ? bytes.slice(at, at + recordBytes) : nothing;
    } catch {
      return nothing;
    }
  }

  /** Of the last call; nothing where nobody asked. */
  fuelLeft(): Uint8Array {
    if (this.#fuel === undefined) return new Uint8Array(0);
    return new Uint8Array(BigInt64Array.of(this.#fuel.value as bigint).buffer);
  }
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

const setup = JSON.parse(Buffer.from(readSized()).toString('utf8')) as Setup;
const program = new Program(setup, readSized());
write(Uint8Array.of(1));
for (let length = readLength(); length !== undefined; length = readLength()) {
  write(program.answer(length));
  write(program.fuelLeft());
}
