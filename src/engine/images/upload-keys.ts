/** The keys of one upload: both from the one that its holder draws for it and seals to the sandbox. @module */
import { deriveKey } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';

export const rowsKey = (drawn: Secret): Secret => deriveKey(drawn, 'kakehashi/upload/rows/1');
export const answersKey = (drawn: Secret): Secret => deriveKey(drawn, 'kakehashi/upload/answers/1');
