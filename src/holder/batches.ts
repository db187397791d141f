/** All that the threads of a holder compute: vectors of pooled runs, and VOLE of linked ones. @module */
import { VECTOR_BATCHES } from '../he/collective/vector-batches.ts';
import { VOLE_BATCHES } from '../psi/vole/vole-batches.ts';

export const HOLDER_BATCHES = { ...VECTOR_BATCHES, ...VOLE_BATCHES } as const;
