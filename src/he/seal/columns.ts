/** What the library entry offers of encrypted columns (he.ts): see the worked example in he/README.md. @module */
export { BlobCodec } from './blob.ts';
export { type ColumnBlock, encryptColumns, type Row } from './encrypt-columns.ts';
export { combine, Evaluation } from './evaluate.ts';
export { generateHolderKey, type HolderKey } from './holder-key.ts';
export { SealSession } from './library.ts';
export { checkExactly, openResult } from './open-result.ts';
export { blocksFor } from './parameters.ts';
export { type ColumnPlan, type ColumnQuery, planColumns } from './plan.ts';
export type { Column, Schema } from './schema.ts';
