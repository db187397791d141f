/**
 * Secret bytes that cannot be printed by accident.
 *
 * Reading the bytes takes an explicit `expose()`, so `grep -rn 'expose()' src` lists every
 * place that touches key material. Wiping is best effort: a JavaScript engine may have copied
 * the buffer, and strings and bigints made from it cannot be wiped at all.
 * @module
 */
import { inspect } from 'node:util';
import { check } from './errors.ts';

export class Secret implements Disposable {
  readonly label: string;
  #bytes: Uint8Array | undefined;

  /** Takes ownership of `bytes`: the caller must not keep a reference. */
  constructor(label: string, bytes: Uint8Array) {
    this.label = label;
    this.#bytes = bytes;
  }

  /** The bytes themselves, not a copy. Refuses with PROTOCOL_STATE after a wipe. */
  expose(): Uint8Array {
    check(this.#bytes !== undefined, 'PROTOCOL_STATE', `${this.label} used after wipe`);
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return `[secret ${this.label}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
