/** Shapes that several routes answer with. A response schema is the egress filter. @module */
import { Type } from 'typebox';
import { DIGEST_PATTERN } from '../../base/hash.ts';

export const DigestText = Type.String({ pattern: DIGEST_PATTERN.source });
/** Exact fraction in lowest terms. */
export const Amount = Type.String();
export const AmountPair = Type.Object({ rho: Amount, delta: Amount });

export const CLOSED = { additionalProperties: false } as const;

export const StudyParams = Type.Object({ study: DigestText }, CLOSED);
export const QueryParams = Type.Object({ query: DigestText }, CLOSED);
export const RunParams = Type.Object({ run: DigestText }, CLOSED);
