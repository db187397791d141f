/**
 * Ids of tokens in memory, each for as long as its token could still be valid. The number is bounded:
 * beyond it a request is refused rather than an id forgotten.
 * @module
 */
import { Refusal } from '../base/errors.ts';

const MOST = 1_000_000;
const LOOK_EVERY_MS = 1000;

export class SeenTokens {
  readonly #forgetAfter = new Map<string, number>();
  readonly #most: number;
  #looked = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** False where `id` was used before. */
  use(id: string, forgetAfter: Date, now: Date): boolean {
    this.#forget(now.getTime());
    if (this.#forgetAfter.has(id)) return false;
    if (this.#forgetAfter.size >= this.#most) throw new Refusal('OVERLOADED', 'token ids');
    this.#forgetAfter.set(id, forgetAfter.getTime());
    return true;
  }

  get size(): number {
    return this.#forgetAfter.size;
  }

  #forget(now: number): void {
    if (Math.abs(now - this.#looked) < LOOK_EVERY_MS) return;
    this.#looked = now;
    for (const [id, until] of this.#forgetAfter) if (until < now) this.#forgetAfter.delete(id);
  }
}
