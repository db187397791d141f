/**
 * A map that grows by one entry for each of very many versions, every one of which stays as it was: what a ledger
 * folds its runs into.
 *
 * Two layers: one that all versions share, and one of what changed since, which each version copies. The second goes
 * into a new first one when it is as large as the root of that, so a version costs about √n copied entries, not n.
 * Iteration is in the order in which keys were first set, as in a Map.
 * @module
 */

/** One version, for those who only read it. */
export interface Versioned<K, V extends object | string> extends ReadonlyMap<K, V> {
  /** Another version, to be changed: neither one sees what is set in the other. */
  version(): LayeredMap<K, V>;
}

/** Where copying both layers costs less than looking after them. */
const SMALL = 16;

export class LayeredMap<K, V extends object | string> implements Versioned<K, V> {
  readonly #shared: ReadonlyMap<K, V>;
  readonly #changed: Map<K, V>;
  #size: number;

  private constructor(shared: ReadonlyMap<K, V>, changed: Map<K, V>, size: number) {
    this.#shared = shared;
    this.#changed = changed;
    this.#size = size;
  }

  static empty<K, V extends object | string>(): LayeredMap<K, V> {
    return new LayeredMap<K, V>(new Map(), new Map(), 0);
  }

  version(): LayeredMap<K, V> {
    const root = Math.max(SMALL, Math.sqrt(this.#shared.size));
    if (this.#changed.size < root)
      return new LayeredMap<K, V>(this.#shared, new Map(this.#changed), this.#size);
    return new LayeredMap<K, V>(new Map(this), new Map(), this.#size);
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    return this.#changed.get(key) ?? this.#shared.get(key);
  }

  has(key: K): boolean {
    return this.#changed.has(key) || this.#shared.has(key);
  }

  set(key: K, value: V): void {
    if (!this.has(key)) this.#size += 1;
    this.#changed.set(key, value);
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#shared) yield [key, this.#changed.get(key) ?? value];
    for (const entry of this.#changed) if (!this.#shared.has(entry[0])) yield entry;
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
