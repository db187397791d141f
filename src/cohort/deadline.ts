/**
 * When a holder answers (rulings 15): a power of two seconds, at least four times a cost model
 * on public sizes, so that the time of an answer says nothing about the data.
 * @module
 */
import type { Block, Dimension, ImageContent, Part } from './plan.ts';
import { callsOfPerson, componentsOf } from './blocks.ts';
import { cellCount } from './cells.ts';
import type { CohortSection } from './schema.ts';
import { uploadSize } from './upload-size.ts';

/** Opening the cohort, compiling, key exchange arithmetic. */
const FIXED_NS = 400_000_000n;
/**
 * Read, filter, bound and sum one row: one thread of DuckDB takes 1.1 µs where rows of a person are
 * ranked, which the margin covers twice, and 0.2 to 0.6 µs in a table with one row a person.
 */
const ROW_NS = 600n;
/** The place of a row in one more block, or on one more axis, than the first four. */
const PLACE_NS = 150n;
const FREE_PLACES = 4;
/** Planning a comparison with one edge of a bin. */
const EDGE_NS = 200_000n;
/** Binding one entry of a list that stands for many comparisons. */
const ENTRY_NS = 2_000n;
/** More edges than this are a list where they are close together (engine/duckdb/axis-sql.ts). */
const TREE_EDGES = 16;
const LONGEST_LIST = 65_536n;
/** Noise, mask and encryption of one slot. */
const SLOT_NS = 20_000n;
/** Reading one value with its number of people, and a draw of 256 bits. */
const KEY_NS = 3_000n;
/** Starting the process of an image, twice. */
const IMAGE_NS = 1_000_000_000n;
/** One call: two pipes, a reset, a record. */
const CALL_NS = 30_000n;
/** Clearing one page of its memory before a call. */
const PAGE_NS = 8_000n;
/**
 * One unit of fuel. With the margin 8 ns, which holds for a program whose every read misses every cache (a read
 * is 16 units) and whose floats are all subnormal (a product is 20: image/wasm/opcodes.ts), so that no program runs
 * late because of what it reads or computes with.
 */
const FUEL_NS = 2n;
/** Ordering, reading and copying one value of a row. */
const VALUE_NS = 60n;
/** Sealing, sending and opening one byte of an upload: with the margin, a line of 8 Mbit/s. */
const UPLOADED_BYTE_NS = 250n;
/** Keys and round trips of an upload. */
const UPLOAD_NS = 500_000_000n;
const MARGIN = 4n;
const SECOND_NS = 1_000_000_000n;

type Edges = readonly bigint[];

const edgesOf = (dimension: Dimension | undefined): Edges[] =>
  dimension?.kind === 'bins' ? [dimension.edges] : [];

function partEdges(part: Part): Edges[] {
  if (part.kind === 'bins') return edgesOf(part.dimension);
  if (part.kind === 'cross') return part.factors.flatMap((factor) => partEdges(factor.part));
  return part.kind === 'exits' ? [part.edges] : [];
}

/** Lists of edges that a row is compared with in a block. */
const blockEdges = ({ content }: Pick<Block, 'content'>): Edges[] =>
  'part' in content ? partEdges(content.part) : [];

/** What a row costs in a block besides its place: products of features, factors of a cross table. */
function blockPlaces({ content }: Pick<Block, 'content'>): number {
  if (content.kind === 'gram') return componentsOf(content) / 2;
  return 'part' in content && content.part.kind === 'cross' ? content.part.factors.length : 1;
}

/**
 * What an image may take at a holder of so many people: all of its fuel, in every call. The sandbox runs it for one
 * holder after the other, over what it was sent first.
 */
function imageNs(
  { content }: Pick<Block, 'content'>,
  cells: number,
  people: bigint,
  cohort: CohortSection,
): bigint {
  if (content.kind !== 'image') return 0n;
  if (content.operator === undefined) return runNs(content, cells, people, cohort);
  const { bytes, answerBytes } = uploadSize(content, { ...cohort, cells }, Number(people));
  const holders = BigInt(Object.keys(cohort.declaredSize).length);
  const sent = BigInt(bytes + answerBytes) * UPLOADED_BYTE_NS;
  return holders * (runNs(content, cells, people, cohort) + UPLOAD_NS + sent);
}

function runNs(
  content: ImageContent,
  cells: number,
  people: bigint,
  cohort: CohortSection,
): bigint {
  const perPerson = BigInt(callsOfPerson(cohort, cells));
  const calls = content.mode === 'map' ? people * perPerson : BigInt(content.blocks * cells);
  const call = CALL_NS + PAGE_NS * BigInt(content.memory) + FUEL_NS * BigInt(content.fuel);
  const values = people * BigInt(cohort.rowsPerPerson) * BigInt(content.columns.length + 2);
  return IMAGE_NS + calls * call + values * VALUE_NS;
}

function planningNs(edges: Edges): bigint {
  const width = (edges.at(-1) ?? 0n) - (edges[0] ?? 0n);
  const listed = edges.length > TREE_EDGES && width <= LONGEST_LIST;
  return listed ? width * ENTRY_NS : BigInt(edges.length) * EDGE_NS;
}

/** Ranking the rows of people who have several: one thread of DuckDB. */
const RANKED_ROW_NS = 1_100n;

/**
 * Whether a table has so many more rows than the study counts that a query may not be done in time
 * (it is then answered with zeros and noise). For the holder's own staff, when it loads: the deadline
 * is a function of public numbers, and the rows of a person beyond the bound are not among them.
 */
export function isTooLong(
  cohort: CohortSection,
  { rows, people }: { readonly rows: number; readonly people: number },
): boolean {
  if (rows === people) return false;
  const seconds = deadlineSeconds(cohort, { blocks: [], dimensions: [] }, 1);
  return 2n * BigInt(rows) * RANKED_ROW_NS * MARGIN > 3n * BigInt(seconds) * SECOND_NS;
}

export function deadlineSeconds(
  cohort: CohortSection,
  query: {
    readonly blocks: readonly Pick<Block, 'content'>[];
    readonly dimensions: readonly Dimension[];
    /** Whether every person may have a value of its own to be chosen. */
    readonly keyed?: boolean;
  },
  slots: number,
): number {
  const people = Math.max(0, ...Object.values(cohort.declaredSize));
  const rows = BigInt(people) * BigInt(cohort.rowsPerPerson);
  const wanted = query.blocks.reduce((sum, block) => sum + blockPlaces(block), 0);
  const places = BigInt(Math.max(0, Math.ceil(wanted) + query.dimensions.length - FREE_PLACES));
  const edges = [...query.blocks.flatMap(blockEdges), ...query.dimensions.flatMap(edgesOf)];
  const cells = cellCount(query.dimensions);
  const cost =
    FIXED_NS +
    rows * (ROW_NS + places * PLACE_NS) +
    edges.reduce((sum, own) => sum + planningNs(own), 0n) +
    query.blocks.reduce((sum, block) => sum + imageNs(block, cells, BigInt(people), cohort), 0n) +
    (query.keyed === true ? BigInt(people) * KEY_NS : 0n) +
    BigInt(slots) * SLOT_NS;
  let seconds = 1n;
  while (seconds * SECOND_NS < MARGIN * cost) seconds *= 2n;
  return Number(seconds);
}
