/**
 * How much a holder uploads for a program that runs in the sandbox: a function of study and query alone
 * (rulings 13, 28). Every upload is padded to it, so that its size says nothing about the rows.
 *
 *     upload   for every table: u32 length, table (image/abi.ts); u32 0; zeros to `bytes`
 *     answers  for every table an int64 for each field; zeros to `answerBytes`
 *
 * A table has a header, the rows at which its people begin, and for every column a bit and a value a row, each
 * part padded to 8 bytes: what that can add up to is the bound below.
 * @module
 */
import { callsOfPerson } from './blocks.ts';
import type { ImageContent, Plan } from './plan.ts';

/** The largest upload of a run and holder; a query that would need more is refused. */
export const MOST_UPLOAD_BYTES: number = 2 ** 30;
/** Of a sealed chunk; the last one is shorter. */
export const CHUNK_BYTES: number = 2 ** 20;

export type UploadSize = {
  /** At most; in block mode exactly. */
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly answerBytes: number;
  readonly answerChunks: number;
};

type Bounds = Pick<Plan, 'cells' | 'rowsPerPerson' | 'cellsPerPerson'>;

const HEADER_BYTES = 24;
const COLUMN_BYTES = 16;
/** Length, first word of the starts, and the paddings that do not belong to a column. */
const TABLE_BYTES = 4 + 4 + 3 * 8;
/** Paddings of a column in a table, and the last byte of its bits. */
const COLUMN_PADDING = 3 * 8;
const WIDTH = { int64: 8, float64: 8, date32: 4, category: 4 } as const;

/** For `people` declared at the holder. */
export function uploadSize(content: ImageContent, plan: Bounds, people: number): UploadSize {
  const { mode, blocks, columns, fields } = content;
  const calls = people * callsOfPerson(plan, plan.cells);
  const tables = mode === 'block' ? Math.max(1, blocks) * plan.cells : calls;
  const rows = people * plan.rowsPerPerson;
  const perTable = TABLE_BYTES + HEADER_BYTES + columns.length * (COLUMN_BYTES + COLUMN_PADDING);
  const perRow = columns.reduce((sum, { type }) => sum + WIDTH[type], 0);
  const bits = columns.length * Math.ceil(rows / 8);
  const bytes = tables * perTable + 4 * calls + rows * perRow + bits + 4;
  const answerBytes = 8 * fields.length * tables;
  return {
    tables,
    rows,
    bytes,
    chunks: Math.ceil(bytes / CHUNK_BYTES),
    answerBytes,
    answerChunks: Math.ceil(answerBytes / CHUNK_BYTES),
  };
}
