/** The size of a batch by its kind; refuses a kind without a handler with INVALID_PARAMETER. @module */
import { check } from '../../base/errors.ts';
import type { Batch, BatchHandlers, BatchSize } from '../../base/batches.ts';

export const batchSize =
  (handlers: BatchHandlers) =>
  ({ kind, params }: Batch): BatchSize => {
    const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
    check(handler !== undefined, 'INVALID_PARAMETER', `no handler for ${kind}`);
    return handler.size(params);
  };
