/** All that the threads of a party of VOLE-PSI compute; a worker entry has these handlers. @module */
import { type BatchHandlers, ownThread, type ThreadedBatches } from '../../base/batches.ts';
import { HASH_BATCHES } from '../items.ts';
import { BIN_BATCHES } from './bin-batches.ts';
import { CODE_BATCHES } from './code-batches.ts';
import { TREE_BATCHES } from './tree-batches.ts';

export const VOLE_BATCHES = {
  ...HASH_BATCHES,
  ...TREE_BATCHES,
  ...CODE_BATCHES,
  ...BIN_BATCHES,
} as const satisfies BatchHandlers;

/** In the thread of the caller. */
export const inOneThread: ThreadedBatches = ownThread(VOLE_BATCHES);
