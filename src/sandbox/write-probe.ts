/**
 * Whether the store can be written: a full or read-only disk is not ready, although it can be read. Asked by
 * anybody, so that a write is made at most once in a second.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { SandboxTokens } from '../engine/stores/sandbox-tokens.ts';
import type { Clock } from '../flows/ports.ts';

const EVERY_MS = 1000;
/** Not the form of any key: this id of a token is nobody's. */
const NOBODY = 'ready';

export function writeProbe(
  tokens: Pick<SandboxTokens, 'use'>,
  clock: Pick<Clock, 'now'>,
): { check(): Promise<void> } {
  let last: { readonly at: number; readonly written: Promise<unknown> } | undefined;
  return {
    check: async () => {
      const now = clock.now();
      const at = now.getTime();
      if (last === undefined || Math.abs(at - last.at) >= EVERY_MS) {
        // Forgotten with the next one.
        last = { at, written: tokens.use(NOBODY, randomUUID(), now, now) };
      }
      await last.written;
    },
  };
}
