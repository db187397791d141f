/**
 * Rewrites a parsed module so that what a call does depends on its input alone (rulings 32, 33).
 *
 * Fuel     a 64-bit counter, charged at the head of every function and of every loop for all that stands
 *          in it, loops inside not counted: without passing a head nothing runs twice, so what was
 *          charged is at least what runs. Below zero the call traps. Charging a body whole, whichever
 *          branches it takes, is what keeps a loop at one check a turn.
 * Frames   a second counter of stack slots, lowered around every call to a function that calls others by
 *          an upper bound of the caller's frame (parameters, locals, one value for every instruction, all
 *          results of every call, all that blocks merge, and the parameters and results of the widest call once
 *          more): recursion traps at the same depth on every machine, before the stack that the runner gives the
 *          engine ends (engine/images/boundary.ts; 3.8 times these slots).
 * Memory   begins at its maximum: memory.grow by more than nothing fails always, not when the machine is full.
 * NaN      bits of a NaN differ between compilers and are seen where a float becomes bits: stores,
 *          reinterpretations, the second operand of copysign. There every NaN becomes the canonical one.
 * Reset    an exported function sets every mutable global to what it was and then runs the author's start
 *          function, on the fuel of the call: every call begins as a new instance would. Memory is the
 *          runner's to restore before it.
 * Exports  those of the ABI only. Functions and globals are added behind the author's, so no index moves.
 *
 * The output is a function of the input alone; its digest is in the evidence.
 * @module
 */
import { concat, concatAll } from '../../base/bytes.ts';
import { checkImage } from '../reject.ts';
import { KIND, type Module } from './module.ts';
import { checkFrames, type MeteredGlobals, meteredBody, leafFunctions } from './meter-body.ts';
import { OP } from './opcodes.ts';
import * as write from './writer.ts';

/** Stack slots of 8 bytes that all frames of a call may take together. */
export const FRAME_SLOTS = 1 << 17;

/** What the host calls. A colon is no identifier in any source language, so nothing collides. */
export const RESET_EXPORT = 'kakehashi:reset';
export const FUEL_EXPORT = 'kakehashi:fuel';

/** Names of the ABI that an image must export (sandbox-images/README.md). */
export const ABI_EXPORTS = { memory: 'memory', reserve: 'reserve', run: 'run' } as const;

const I32 = 0x7f;
const I64 = 0x7e;
const IMMUTABLE = 0;
const MUTABLE = 1;
const FUNCTION_TYPE = 0x60;

function checkFunction(module: Module, name: string): number {
  const found = module.exports.get(name);
  checkImage(found?.kind === KIND.function, 'WASM_EXPORTS');
  const type = module.types[module.functions[found.index] ?? -1];
  checkImage(type?.parameters.join() === String(I32), 'WASM_EXPORTS');
  checkImage(type.results.join() === String(I32), 'WASM_EXPORTS');
  return found.index;
}

/** Where the calls of the ABI are: `memory`, `reserve(i32) → i32`, `run(i32) → i32`. */
function findExports(module: Module): { readonly reserve: number; readonly run: number } {
  checkImage(module.exports.get(ABI_EXPORTS.memory)?.kind === KIND.memory, 'WASM_EXPORTS');
  return {
    reserve: checkFunction(module, ABI_EXPORTS.reserve),
    run: checkFunction(module, ABI_EXPORTS.run),
  };
}

/** Refuses what could not be metered: exports that the ABI asks for, no frame beyond what all of a call may take. */
export function checkMeterable(module: Module): void {
  findExports(module);
  checkFrames(module, FRAME_SLOTS);
}

/** (fuel: i64) → (): fuel as given, frames full, every mutable global as it was, start. */
function resetBody(module: Module, { fuel, frames }: MeteredGlobals): Uint8Array {
  const set = (value: Uint8Array, index: number): Uint8Array =>
    concat(value, write.bytes(OP.globalSet), write.u32(index));
  const own = module.globals.flatMap(({ mutable, initial }, index) =>
    mutable ? [set(initial.subarray(0, -1), index)] : [],
  );
  return write.sized(
    concat(
      write.bytes(0),
      set(write.bytes(OP.localGet, 0), fuel),
      set(concat(write.bytes(OP.i32Const), write.signed(BigInt(FRAME_SLOTS))), frames),
      ...own,
      ...(module.start === undefined ? [] : [write.bytes(OP.call), write.u32(module.start)]),
      write.bytes(OP.end),
    ),
  );
}

const entry = (name: string, kind: number, index: number): Uint8Array =>
  concat(write.name(name), write.bytes(kind), write.u32(index));

function globalSection(module: Module): Uint8Array {
  const own = module.globals.map(({ type, mutable, initial }) =>
    concat(write.bytes(type, mutable ? MUTABLE : IMMUTABLE), initial),
  );
  return write.vector([
    ...own,
    write.bytes(I64, MUTABLE, OP.i64Const, 0, OP.end),
    write.bytes(I32, MUTABLE, OP.i32Const, 0, OP.end),
  ]);
}

function typeSection(module: Module): Uint8Array {
  const own = module.types.map(({ parameters, results }) =>
    concat(
      write.bytes(FUNCTION_TYPE),
      write.vector(parameters.map((type) => write.bytes(type))),
      write.vector(results.map((type) => write.bytes(type))),
    ),
  );
  return write.vector([...own, write.bytes(FUNCTION_TYPE, 1, I64, 0)]);
}

/** The module that runs: metered, bounded, resettable. */
export function meterModule(module: Module): Uint8Array<ArrayBuffer> {
  const { reserve, run } = findExports(module);
  const globals: MeteredGlobals = {
    fuel: module.globals.length,
    frames: module.globals.length + 1,
  };
  const leaves = leafFunctions(module);
  const bodies = module.bodies.map((_, index) => meteredBody(module, index, globals, leaves));
  const reset = module.functions.length;
  const pages = write.u32(module.memory.maximum);
  const optional = (id: number, content: Uint8Array | undefined): Uint8Array[] =>
    content === undefined ? [] : [write.section(id, content)];
  const indices = [...module.functions, module.types.length].map((type) => write.u32(type));
  return concatAll([
    write.HEADER,
    write.section(1, typeSection(module)),
    write.section(3, write.vector(indices)),
    ...optional(4, module.table),
    write.section(5, concat(write.bytes(1, 1), pages, pages)),
    write.section(6, globalSection(module)),
    write.section(
      7,
      write.vector([
        entry(ABI_EXPORTS.memory, KIND.memory, 0),
        entry(ABI_EXPORTS.reserve, KIND.function, reserve),
        entry(ABI_EXPORTS.run, KIND.function, run),
        entry(RESET_EXPORT, KIND.function, reset),
        entry(FUEL_EXPORT, KIND.global, globals.fuel),
      ]),
    ),
    ...optional(9, module.elements),
    write.section(10, write.vector([...bodies, resetBody(module, globals)])),
    ...optional(11, module.data),
  ]);
}
