/** The body of one function, metered (meter.ts says how and why). @module */
import { concat, concatAll } from '../../base/bytes.ts';
import { checkImage } from '../reject.ts';
import type { Body, FunctionType, Module } from './module.ts';
import { BULK_SHIFT, OP, OP_FC } from './opcodes.ts';
import { EMPTY_TYPE, type Step } from './walk.ts';
import * as write from './writer.ts';

/** Indices of the counters. */
export type MeteredGlobals = { readonly fuel: number; readonly frames: number };

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const EMPTY_BLOCK = 0x40;
/** Section 2.2.3 of the core specification: sign 0, exponent all ones, the first fraction bit. */
const CANONICAL_F32 = [0x00, 0x00, 0xc0, 0x7f];
const CANONICAL_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
/** Of a frame beside its values: return address and what an engine saves. */
const FRAME_OVERHEAD = 16;

const isCall = ({ opcode }: Step): boolean => opcode === OP.call || opcode === OP.callIndirect;

/** Functions that call no other: their frame is the last one. */
export const leafFunctions = (module: Module): ReadonlySet<number> =>
  new Set(module.bodies.flatMap(({ steps }, index) => (steps.some(isCall) ? [] : [index])));

/** For the function and each of its loops, in order: the weight of all that stands in it and in no inner loop. */
export function regionWeights(steps: readonly Step[]): number[] {
  const weights: number[] = [1];
  // For every open block the region that it belongs to.
  const open = [0];
  for (const { opcode, weight } of steps) {
    const region = open[open.length - 1] ?? 0;
    weights[region] = (weights[region] ?? 0) + weight;
    if (opcode === OP.loop) open.push(weights.push(0) - 1);
    else if (opcode === OP.block || opcode === OP.if) open.push(region);
    else if (opcode === OP.end) open.pop();
  }
  return weights;
}

const get = (index: number): Uint8Array => concat(write.bytes(OP.globalGet), write.u32(index));
const put = (index: number): Uint8Array => concat(write.bytes(OP.globalSet), write.u32(index));
const local = (opcode: number, index: number): Uint8Array =>
  concat(write.bytes(opcode), write.u32(index));
const TRAP = write.bytes(OP.if, EMPTY_BLOCK, OP.unreachable, OP.end);

/** Takes an i64 on the stack from the fuel and traps where nothing is left. */
const spend = (fuel: number, amount: Uint8Array): Uint8Array =>
  concat(
    get(fuel),
    amount,
    write.bytes(OP.i64Sub),
    put(fuel),
    get(fuel),
    write.bytes(OP.i64Const, 0, OP.i64LtS),
    TRAP,
  );

const charge = (fuel: number, weight: number): Uint8Array =>
  spend(fuel, concat(write.bytes(OP.i64Const), write.signed(BigInt(weight))));

const moveFrames = (frames: number, slots: number, opcode: number): Uint8Array =>
  concat(
    get(frames),
    write.bytes(OP.i32Const),
    write.signed(BigInt(slots)),
    write.bytes(opcode),
    put(frames),
  );

/** Locals behind the author's, where a body needs them. */
type Scratch = { readonly i32: number; readonly f32: number; readonly f64: number };

const F32_ESCAPES: readonly number[] = [OP.f32Store, OP.i32ReinterpretF32, OP.f32Copysign];
const F64_ESCAPES: readonly number[] = [OP.f64Store, OP.i64ReinterpretF64, OP.f64Copysign];

/** Makes the NaN on the stack, if it is one, the canonical one. */
function canonical(index: number, constant: readonly number[], push: number, equal: number) {
  return concat(
    local(OP.localTee, index),
    write.bytes(push, ...constant),
    local(OP.localGet, index),
    local(OP.localGet, index),
    write.bytes(equal, OP.select),
  );
}

/** The length on the stack stays there and is paid for. */
const bulk = (fuel: number, length: number): Uint8Array =>
  concat(
    local(OP.localTee, length),
    spend(
      fuel,
      concat(
        local(OP.localGet, length),
        write.bytes(OP.i64ExtendI32U, OP.i64Const, BULK_SHIFT, OP.i64ShrU),
      ),
    ),
  );

function before(step: Step, scratch: Scratch, { fuel }: MeteredGlobals): Uint8Array[] {
  const { opcode, second } = step;
  if (F32_ESCAPES.includes(opcode)) {
    return [canonical(scratch.f32, CANONICAL_F32, OP.f32Const, OP.f32Eq)];
  }
  if (F64_ESCAPES.includes(opcode)) {
    return [canonical(scratch.f64, CANONICAL_F64, OP.f64Const, OP.f64Eq)];
  }
  if (opcode !== OP.prefix) return [];
  return second === OP_FC.memoryCopy || second === OP_FC.memoryFill
    ? [bulk(fuel, scratch.i32)]
    : [];
}

/** In place of memory.grow, without the engine's work: the size where nothing is asked for, else that it failed. */
const grown = (asked: number): Uint8Array =>
  concat(
    local(OP.localSet, asked),
    write.bytes(OP.memorySize, 0, OP.i32Const, ...write.signed(-1n)),
    local(OP.localGet, asked),
    write.bytes(OP.i32Eqz, OP.select),
  );

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The type of the function that a call goes to. */
function calledType({ types, functions }: Module, { opcode, index }: Step): FunctionType {
  const type = types[opcode === OP.call ? (functions[index] ?? -1) : index];
  checkImage(type !== undefined, 'WASM_MALFORMED');
  return type;
}

const opens = ({ opcode }: Step): boolean =>
  opcode === OP.block || opcode === OP.loop || opcode === OP.if;

/** What a block takes and gives (core specification, section 5.4.1). */
function blockValues({ types }: Module, { index }: Step): number {
  if (index < 0) return index === EMPTY_TYPE ? 0 : 1;
  const type = types[index];
  checkImage(type !== undefined, 'WASM_MALFORMED');
  return type.parameters.length + type.results.length;
}

/**
 * An upper bound of the values that the blocks of a body merge, where an engine may keep one for each way in: what
 * a block takes and gives, and every local that is set in it.
 */
function mergedValues(module: Module, steps: readonly Step[], locals: number): number {
  let merged = 0;
  // For every open block how often a local is set in it.
  const open = [0];
  for (const step of steps) {
    const last = open.length - 1;
    if (opens(step)) {
      merged += blockValues(module, step);
      open.push(0);
    } else if (step.opcode === OP.localSet || step.opcode === OP.localTee) {
      open[last] = (open[last] ?? 0) + 1;
    } else if (step.opcode === OP.end && last > 0) {
      const set = open.pop() ?? 0;
      merged += Math.min(set, locals);
      open[last - 1] = (open[last - 1] ?? 0) + set;
    }
  }
  return merged;
}

/**
 * An upper bound of the values that a frame of this body holds at once: a call leaves all of its results,
 * any other instruction one value at most, a block what it merges. Parameters and results of the call that is
 * under way lie in the frame besides, those of the widest call at most.
 */
function frameSlots(module: Module, { locals, steps }: Body, parameters: number): number {
  const called = steps.filter(isCall).map((step) => calledType(module, step));
  const own = parameters + sum(locals.map(({ count }) => count));
  const values =
    steps.length +
    sum(called.map(({ results }) => results.length)) +
    mergedValues(module, steps, own);
  const widest = called.reduce(
    (most, { parameters: given, results }) => Math.max(most, given.length + results.length),
    0,
  );
  return FRAME_OVERHEAD + own + values + widest;
}

type Function = { readonly body: Body; readonly type: FunctionType };

function functionAt(module: Module, index: number): Function {
  const body = module.bodies[index];
  const type = module.types[module.functions[index] ?? -1];
  checkImage(body !== undefined && type !== undefined, 'WASM_MALFORMED');
  return { body, type };
}

/** Refuses with WASM_LIMIT a function whose frame alone may take more than `most` slots, as that of a leaf does. */
export function checkFrames(module: Module, most: number): void {
  module.bodies.forEach((_, index) => {
    const { body, type } = functionAt(module, index);
    checkImage(frameSlots(module, body, type.parameters.length) <= most, 'WASM_LIMIT');
  });
}

export function meteredBody(
  module: Module,
  index: number,
  globals: MeteredGlobals,
  leaves: ReadonlySet<number>,
): Uint8Array {
  const { body, type } = functionAt(module, index);
  const first = type.parameters.length + sum(body.locals.map(({ count }) => count));
  const scratch: Scratch = { i32: first, f32: first + 1, f64: first + 2 };
  const slots = frameSlots(module, body, type.parameters.length);
  const weights = regionWeights(body.steps);
  const { fuel, frames } = globals;
  let loops = 0;
  const pieces = body.steps.flatMap((step): Uint8Array[] => {
    const own = module.bytes.subarray(step.from, step.to);
    if (step.opcode === OP.memoryGrow) return [grown(scratch.i32)];
    if (step.opcode === OP.loop) return [own, charge(fuel, weights[(loops += 1)] ?? 0)];
    if (!isCall(step) || (step.opcode === OP.call && leaves.has(step.index))) {
      return [...before(step, scratch, globals), own];
    }
    return [
      moveFrames(frames, slots, OP.i32Sub),
      get(frames),
      write.bytes(OP.i32Const, 0, OP.i32LtS),
      TRAP,
      own,
      moveFrames(frames, slots, OP.i32Add),
    ];
  });
  const locals = [
    ...body.locals,
    { count: 1, type: I32 },
    { count: 1, type: F32 },
    { count: 1, type: F64 },
  ].map(({ count, type: own }) => concat(write.u32(count), write.bytes(own)));
  return write.sized(concatAll([write.vector(locals), charge(fuel, weights[0] ?? 0), ...pieces]));
}
