/** Shapes that several routes answer with. A response schema is the egress filter. @module */
import { Type } from 'typebox';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { NAME_PATTERN } from '../../base/name.ts';
import { RUN_STATES } from '../../flows/ports.ts';

export const DigestText = Type.String({ pattern: DIGEST_PATTERN.source });
export const State = Type.Enum(RUN_STATES);
/** A code of base/errors.ts. */
export const Code = Type.String({ pattern: '^[A-Z_]{1,64}$' });
export const HolderName = Type.String({ pattern: NAME_PATTERN.source });

export const CLOSED = { additionalProperties: false } as const;

export const StudyParams = Type.Object({ study: DigestText }, CLOSED);
export const QueryParams = Type.Object({ query: DigestText }, CLOSED);
export const RunParams = Type.Object({ run: DigestText }, CLOSED);
