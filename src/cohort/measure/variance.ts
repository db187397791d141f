/** `{ "variance": "column" }`: of its values in the kept rows, in the square of its unit. @module */
import { momentsKind } from './moments.ts';

export const variance = momentsKind('variance');
