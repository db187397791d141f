/**
 * A kernel with a memory of its own, divided once into named regions.
 *
 * The memory never grows, so that views of it stay valid. Regions start at multiples of 64 bytes.
 * `wipe` zeroes all of it; tables that must survive are then set again by their owner.
 * @module
 */
import { type KernelStem, loadKernel } from './load.ts';

const PAGE = 65536;
const LINE = 64;

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
  readonly #memory: WebAssembly.Memory;

  constructor(stem: KernelStem, sizes: Readonly<Record<Region, number>>) {
    let next = 0;
    const at: Partial<Record<Region, number>> = {};
    for (const region of Object.keys(sizes) as Region[]) {
      at[region] = next;
      next += Math.ceil(sizes[region] / LINE) * LINE;
    }
    this.at = at as Record<Region, number>;
    this.#memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(next / PAGE)) });
    const instance = new WebAssembly.Instance(moduleOf(stem), { env: { memory: this.#memory } });
    this.kernel = instance.exports as Exports;
  }

  /** A view, not a copy. */
  bytes(region: Region, length: number, offset = 0): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.at[region] + offset, length);
  }

  words(region: Region, length: number, offset = 0): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.at[region] + offset, length);
  }

  wipe(): void {
    new Uint8Array(this.#memory.buffer).fill(0);
  }
}
