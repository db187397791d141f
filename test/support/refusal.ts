/** `throws(() => f(bad), refusal('MALFORMED_MESSAGE'))`: the code is right and the sentence is the fixed one. */
import { type ErrorCode, PUBLIC_MESSAGE, Refusal } from '../../src/base/errors.ts';

export const refusal =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code && error.message === PUBLIC_MESSAGE[code];
