/** `{ "sum": "column" }`: of its values in the kept rows; a null adds nothing. @module */
import { momentsKind } from './moments.ts';

export const sum = momentsKind('sum');
