/**
 * Step 2: touch data, and show the sandbox one token for each row of two padded, shuffled lists.
 *
 * B draws the number of dummies and their seed and gives both to A, sealed from the sandbox. What a person's rows
 * do to the list stays within that person: faults give no people and a local alarm (rulings 13).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { ThreadedBatches } from '../../base/batches.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { bytesOf } from '../../dp/sampler/byte-source.ts';
import { drawDummies } from '../../dp/mechanism/dummies.ts';
import type { Channel } from '../../psi/channel.ts';
import { Frames } from '../../psi/frames.ts';
import { dummyIds, paddedList } from '../../psi/tokens/padded-list.ts';
import { exchangeTokens } from '../../psi/tokens/token.ts';
import type { Residues } from '../../psi/tokens/prime-field.ts';
import type { Plan } from '../../cohort/plan.ts';
import { untilDeadline } from '../deadline.ts';
import type { Clock, Log } from '../ports.ts';
import type { GroupedPeople, Keys, LinkedPeople, LinkedRun, MeasuredPeople } from './ports.ts';
import { KIND, sendLong } from './wire.ts';

/** A holder whose tokens the sandbox has. Vectors are by position of its own list; others than people have 0. */
export type Listed = LinkedRun & {
  readonly step: 'listed';
  readonly peer: Frames;
  readonly sandbox: Frames;
  readonly tokens: Uint8Array;
  /** Of A: one indicator for each cell. Of B: the values of each column. */
  readonly vectors: readonly Residues[];
  /** Whom the list is of, where the run discloses more about them (disclose.ts). */
  readonly keys: Keys;
};

/** What a holder lists with: its rows, and the channels of this run. */
export type ListPorts = {
  readonly people: LinkedPeople;
  readonly peer: Channel;
  readonly sandbox: Channel;
  readonly rng: Rng;
  readonly batches: ThreadedBatches;
  readonly clock: Clock;
  readonly log: Log;
};

type Rows = { readonly keys: Keys; readonly columns: readonly ArrayLike<number>[] };

const SEED_BYTES = 32;

/** Rows of at most the declared number of people; none after a fault, which the staff is told. */
async function load(
  run: LinkedRun,
  { clock, log }: Pick<ListPorts, 'clock' | 'log'>,
  read: (deadline: Date) => Promise<Rows>,
): Promise<Rows> {
  const { declaredSize, deadlineSeconds } = run.plan;
  const deadline = new Date(clock.now().getTime() + deadlineSeconds * 1000);
  try {
    const rows = await read(deadline);
    // The size was signed and is checked where a cohort is loaded; here nothing may be refused.
    if (rows.keys.length > declaredSize) log.error({ run: run.run }, 'cohort above declared size');
    const valid = rows.columns.every((column) => column.length === rows.keys.length);
    check(valid, 'INTERNAL', 'columns of a linked cohort');
    return { ...rows, keys: rows.keys.slice(0, declaredSize) };
  } catch (error) {
    log.error({ run: run.run, error }, 'rows of a linked run could not be read');
    return { keys: [], columns: [] };
  } finally {
    await untilDeadline(clock, deadline, deadlineSeconds * 1000);
  }
}

/** A person's number at the person's position, 0 at all others. */
function byPosition(people: Int32Array, column: ArrayLike<number>): Residues {
  const out = new Float64Array(people.length);
  people.forEach((person, position) => {
    if (person >= 0) out[position] = column[person] ?? 0;
  });
  return out;
}

async function list(
  run: LinkedRun,
  ports: ListPorts,
  rows: Rows,
  widths: { readonly columns: number; readonly role: 'first' | 'second' },
  dummies: { readonly count: number; readonly seed: Secret },
): Promise<Omit<Listed, 'peer'>> {
  const { rng, batches } = ports;
  const sandbox = new Frames(ports.sandbox);
  const drawn = dummyIds(dummies.seed, dummies.count);
  const { ids, people } = paddedList(rows.keys, drawn, run.plan.length, rng);
  const tokens = await exchangeTokens(widths.role, ids, ports.peer, { rng, batches });
  await sendLong(sandbox, KIND.tokens, tokens);
  const vectors = Array.from({ length: widths.columns }, (_, column) =>
    byPosition(people, rows.columns[column] ?? []),
  );
  people.fill(0);
  return { ...run, step: 'listed', sandbox, tokens, vectors, keys: rows.keys };
}

/** Indicators of 0 and 1: a person is in one cell at most. */
function indicators({ keys, cells }: GroupedPeople, count: number): Rows {
  const columns = Array.from({ length: count }, () => new Uint8Array(cells.length));
  cells.forEach((cell, person) => {
    const column = columns[cell];
    if (column !== undefined) column[person] = 1;
  });
  return { keys, columns };
}

/** Integers in [0, bound]; what is no number is 0. */
function boundedValues({ keys, values }: MeasuredPeople, bounds: readonly bigint[]): Rows {
  const columns = values.map((column, measure) => {
    const bound = Number(bounds[measure] ?? 0n);
    return column.map((x) => (x > 0 ? Math.min(Math.trunc(x), bound) : 0));
  });
  return { keys, columns };
}

/** A's part: `table` is the plan that its rows are read by. */
export async function listGroups(run: LinkedRun, table: Plan, ports: ListPorts): Promise<Listed> {
  const { plan } = run;
  const rows = await load(run, ports, async (deadline) =>
    indicators(await ports.people.groupedPeople(table, deadline), plan.cells),
  );
  const peer = new Frames(ports.peer);
  const message = await peer.receive(KIND.dummies, 4 + SEED_BYTES);
  const count = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  check(count <= 2 * plan.dummies.reach, 'MALFORMED_MESSAGE', 'number of dummies');
  using seed = new Secret('dummy seed', message.slice(4));
  const columns = plan.cells;
  return {
    ...(await list(run, ports, rows, { columns, role: 'first' }, { count, seed })),
    peer,
  };
}

/** B's part. */
export async function listValues(run: LinkedRun, table: Plan, ports: ListPorts): Promise<Listed> {
  const { plan } = run;
  const bounds = plan.columns.map(({ bound }) => bound);
  const rows = await load(run, ports, async (deadline) =>
    boundedValues(await ports.people.measuredPeople(table, deadline), bounds),
  );
  const peer = new Frames(ports.peer);
  const count = drawDummies(plan.dummies, bytesOf(ports.rng));
  using seed = new Secret('dummy seed', ports.rng(SEED_BYTES));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, count, true);
  await peer.send(KIND.dummies, head, seed.expose());
  const columns = bounds.length;
  return {
    ...(await list(run, ports, rows, { columns, role: 'second' }, { count, seed })),
    peer,
  };
}
