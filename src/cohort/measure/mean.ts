/** `{ "mean": "column" }`: over the kept rows with a value; its count is of these. @module */
import { momentsKind } from './moments.ts';

export const mean = momentsKind('mean');
