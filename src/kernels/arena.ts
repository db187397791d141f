/**
 * A kernel with a memory of its own, divided once into named regions.
 *
 * The memory never grows, so that views of it stay valid. Regions start at multiples of 64 bytes.
 * `wipe` zeroes all of it; tables that must survive are then set again by their owner.
 *
 * A kernel of `SHARED` has shared memory: an arena of another thread that is given the memory and equal sizes has
 * the same regions, without a copy. Who writes where, and when, is for the callers to agree.
 * @module
 */
import { check } from '../base/errors.ts';
import { type KernelStem, loadKernel } from './load.ts';

const PAGE = 65536;
const LINE = 64;

/** Built with shared memory: see wasm/build.mjs. */
const SHARED: readonly KernelStem[] = ['expand-convolute'];

/** Read, verified and compiled at the first use, once for each thread. */
const compiled = new Map<KernelStem, WebAssembly.Module>();

function moduleOf(stem: KernelStem): WebAssembly.Module {
  const known = compiled.get(stem);
  if (known !== undefined) return known;
  const module = loadKernel(stem);
  compiled.set(stem, module);
  return module;
}

export class Arena<Exports, Region extends string> {
  readonly kernel: Exports;
  /** Where each region starts. */
  readonly at: Readonly<Record<Region, number>>;
  readonly memory: WebAssembly.Memory;

  /** With `memory` the arena is where another thread made it. */
  constructor(
    stem: KernelStem,
    sizes: Readonly<Record<Region, number>>,
    memory?: WebAssembly.Memory,
  ) {
    let next = 0;
    const at: Partial<Record<Region, number>> = {};
    for (const region of Object.keys(sizes) as Region[]) {
      at[region] = next;
      next += Math.ceil(sizes[region] / LINE) * LINE;
    }
    this.at = at as Record<Region, number>;
    const pages = Math.max(1, Math.ceil(next / PAGE));
    const shared = SHARED.includes(stem) ? { maximum: pages, shared: true } : {};
    this.memory = memory ?? new WebAssembly.Memory({ initial: pages, ...shared });
    const room = this.memory.buffer.byteLength;
    check(room === pages * PAGE, 'INVALID_PARAMETER', `${room} bytes of memory`);
    const instance = new WebAssembly.Instance(moduleOf(stem), { env: { memory: this.memory } });
    this.kernel = instance.exports as Exports;
  }

  /** A view, not a copy. */
  bytes(region: Region, length: number, offset = 0): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.at[region] + offset, length);
  }

  words(region: Region, length: number, offset = 0): Uint32Array {
    return new Uint32Array(this.memory.buffer, this.at[region] + offset, length);
  }

  wipe(): void {
    const { buffer } = this.memory;
    // Shared memory is filled an element at a time: the longer they are, the better.
    if (buffer instanceof SharedArrayBuffer) new Float64Array(buffer).fill(0);
    else new Uint8Array(buffer).fill(0);
  }
}
