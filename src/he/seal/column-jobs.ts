/**
 * The blind computation as jobs for worker threads: deterministic functions of bytes.
 *
 *     columns-sum       [relinearisation key, payloads of block part[0] in the order of `columns`, of
 *                        part[1], ...]                              → partial payloads, cell after cell
 *     columns-combine   [what columns-sum gave for each part]       → result payloads, cell after cell
 *
 * A plan travels as { blocks, columns: [id], cells: [[id] or [id, id]] }. A worker opens its SEAL session
 * with the first job and keeps it; an error of SEAL's own has it opened anew, for the
 * module may be left aborted.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { concat } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import { BlobCodec, blobBytes } from './blob.ts';
import { type BlindPlan, combine, Evaluation } from './evaluate.ts';
import { SealSession } from './library.ts';

type ColumnJob = (inputs: readonly Uint8Array[], params: Cbor) => Promise<Uint8Array>;
type Opened = { readonly session: SealSession; readonly codec: BlobCodec };

/** The parameters of both jobs; `part` says which blocks a sum is over. */
export const jobParams = (plan: BlindPlan, part: readonly number[]): Cbor => ({
  blocks: plan.blocks,
  columns: plan.columns,
  cells: plan.cells.map(({ factors }) => factors.map(({ id }) => id)),
  part,
});

const listOf = <T extends Cbor>(value: Cbor | undefined, is: (item: Cbor) => item is T): T[] => {
  check(Array.isArray(value), 'INVALID_PARAMETER', 'job parameters');
  const items = value as readonly Cbor[];
  check(items.every(is), 'INVALID_PARAMETER', 'job parameters');
  return items as T[];
};
const isText = (item: Cbor): item is string => typeof item === 'string';
const isNumber = (item: Cbor): item is number => typeof item === 'number';
const isList = (item: Cbor): item is readonly Cbor[] => Array.isArray(item);

function readParams(params: Cbor): { plan: BlindPlan; part: number[] } {
  check(typeof params === 'object' && params !== null, 'INVALID_PARAMETER', 'job parameters');
  const { blocks, columns, cells, part } = params as Readonly<Record<string, Cbor>>;
  check(typeof blocks === 'number', 'INVALID_PARAMETER', 'job parameters');
  const factors = listOf(cells, isList).map((cell) => listOf(cell, isText));
  const plan = {
    blocks,
    columns: listOf(columns, isText),
    cells: factors.map((ids) => ({ factors: ids.map((id) => ({ id })) })),
  };
  return { plan, part: listOf(part, isNumber) };
}

function sum({ session, codec }: Opened, inputs: readonly Uint8Array[], params: Cbor): Uint8Array {
  const { plan, part } = readParams(params);
  const [relinearisation, ...payloads] = inputs;
  check(
    relinearisation !== undefined && payloads.length === part.length * plan.columns.length,
    'INVALID_PARAMETER',
    `${inputs.length} inputs`,
  );
  using evaluation = new Evaluation(session, codec, plan);
  part.forEach((block, i) => {
    const at = i * plan.columns.length;
    const columns = plan.columns.map(
      (id, j) => [id, payloads[at + j] ?? new Uint8Array()] as const,
    );
    evaluation.add(block, new Map(columns));
  });
  return concat(...evaluation.finish(relinearisation));
}

function combined(
  { session, codec }: Opened,
  inputs: readonly Uint8Array[],
  params: Cbor,
): Uint8Array {
  const cells = readParams(params).plan.cells.length;
  const size = blobBytes('partial');
  const whole = inputs.every((input) => input.length === cells * size);
  check(whole, 'MALFORMED_MESSAGE', 'partial results of another plan');
  const results = Array.from({ length: cells }, (_, cell) =>
    combine(
      session,
      codec,
      inputs.map((input) => input.subarray(cell * size, (cell + 1) * size)),
    ),
  );
  return concat(...results);
}

/** Result payloads of `columns-combine`, one for each cell. */
export function splitResults(bytes: Uint8Array): Uint8Array[] {
  const size = blobBytes('result');
  check(bytes.length % size === 0, 'MALFORMED_MESSAGE', `${bytes.length} bytes of results`);
  return Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
}

/** The two jobs over one session, for one thread. */
export function columnJobs(): Readonly<Record<'columns-sum' | 'columns-combine', ColumnJob>> {
  let opened: Promise<Opened> | undefined;
  const open = async (): Promise<Opened> => {
    const session = await SealSession.open();
    return { session, codec: new BlobCodec(session) };
  };
  const job =
    (run: (opened: Opened, inputs: readonly Uint8Array[], params: Cbor) => Uint8Array): ColumnJob =>
    async (inputs, params) => {
      opened ??= open();
      try {
        return run(await opened, inputs, params);
      } catch (error) {
        if (!(error instanceof Refusal)) opened = undefined;
        throw error;
      }
    };
  return { 'columns-sum': job(sum), 'columns-combine': job(combined) };
}
