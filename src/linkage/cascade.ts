/**
 * Who matches whom: passes in order, each over the rows that no earlier pass matched.
 *
 * Within a pass a key held by two people of a table matches nobody: which of them is meant cannot
 * be known. A person is an id; rows with one id are one person.
 *
 *     one-to-one    a key must belong to one person on the left and one on the right
 *     one-to-many   to one person on the left; every row on the right with it is that person
 *     all           every pair of rows with an equal key in any pass; nobody is taken out
 *
 * Chance  Take a person out of a table: how often does exactly one other hold that person's key?
 * As often, a stranger of the other table meets somebody here. Of the people whom a pass did not
 * match that share is expected as wrong pairs, by the smaller of the two tables' shares. A doubtful
 * pass is left out where more than 1/4 of what it found is expected by chance, or where all of them
 * together would make more than 1/200 of the pairs wrong. That looks at the data: right for two
 * tables in one place, never between parties who do not see both.
 * Stability  removing one person can change as many pairs as there are passes, for a later pass then
 *         finds others free. A differentially private count needs one token a person, or that factor.
 * @module
 */
import type { Pass } from './field.ts';

export type MatchRule = 'one-to-one' | 'one-to-many' | 'all';

/** Left row, right row, from 0. */
export type Pair = readonly [number, number];

export type PassReport = {
  readonly pass: Pass;
  readonly found: number;
  /** Pairs of different people expected by chance alone. */
  readonly expectedByChance: number;
  readonly used: boolean;
};

/** For each row its key in one pass, or undefined, and for each row the number of its person. */
export type Column = {
  readonly keys: readonly (string | undefined)[];
  readonly people: Uint32Array;
};

export type PassColumns = {
  readonly pass: Pass;
  readonly doubtful: boolean;
  readonly left: Column;
  readonly right: Column;
};

const MOST_BY_CHANCE = 1 / 4;
const MOST_IN_ALL = 1 / 200;

/** Rows by key, of the people that are still free. */
function index({ keys, people }: Column, free: Uint8Array): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  keys.forEach((key, row) => {
    if (key === undefined || free[people[row] ?? 0] === 0) return;
    const same = rows.get(key);
    if (same === undefined) rows.set(key, [row]);
    else same.push(row);
  });
  return rows;
}

const isOnePerson = (rows: readonly number[], { people }: Column): boolean =>
  rows.every((row) => people[row] === people[rows[0] ?? 0]);

/** The share of a table's people whose key somebody else holds, exactly one other if `alone`. */
function sharedKeys(column: Column, alone: boolean): number {
  let [shared, keyed] = [0, 0];
  for (const rows of index(column, everyone(column)).values()) {
    const people = new Set(rows.map((row) => column.people[row])).size;
    if (people === 2 || (people > 2 && !alone)) shared += people;
    keyed += people;
  }
  return keyed === 0 ? 0 : shared / keyed;
}

const keyedRows = ({ keys }: Column): number =>
  Math.max(1, keys.filter((key) => key !== undefined).length);

const everyone = ({ people }: Column): Uint8Array =>
  new Uint8Array(people.reduce((most, person) => Math.max(most, person), 0) + 1).fill(1);

type Free = { readonly left: Uint8Array; readonly right: Uint8Array };

/** The pairs of rows of one key. */
function meet(
  ours: readonly number[],
  theirs: readonly number[],
  { left, right }: PassColumns,
  rule: MatchRule,
): Pair[] {
  if (rule === 'all') return ours.flatMap((a) => theirs.map((b): Pair => [a, b]));
  if (!isOnePerson(ours, left)) return [];
  const ones = ours.slice(0, 1);
  if (rule === 'one-to-many') return ones.flatMap((a) => theirs.map((b): Pair => [a, b]));
  return isOnePerson(theirs, right) ? ones.flatMap((a) => [[a, theirs[0] as number]]) : [];
}

/** For each person of a side the person it met; -1 where it met two. */
function partners(pairs: readonly Pair[], from: Column, to: Column, side: 0 | 1): Int32Array {
  const met = new Map<number, number>();
  for (const pair of pairs) {
    const person = from.people[pair[side]] ?? 0;
    const other = to.people[pair[1 - side] ?? 0] ?? 0;
    met.set(person, (met.get(person) ?? other) === other ? other : -1);
  }
  return Int32Array.from(from.people, (person) => met.get(person) ?? -1);
}

/** Rows of one person can have different keys: whoever meets two people by them meets nobody. */
function withoutConflicts(
  pairs: readonly Pair[],
  { left, right }: PassColumns,
  rule: MatchRule,
): readonly Pair[] {
  if (rule === 'all') return pairs;
  const ours = partners(pairs, left, right, 0);
  const theirs = partners(pairs, right, left, 1);
  const seen = new Set<number>();
  return pairs.filter(([a, b]) => {
    if (theirs[b] === -1) return false;
    if (rule === 'one-to-many') return true;
    const person = left.people[a] ?? 0;
    if (ours[a] === -1 || seen.has(person)) return false;
    seen.add(person);
    return true;
  });
}

/** What one pass finds among the free people, and how much of it chance would find. */
function runPass(columns: PassColumns, free: Free, rule: MatchRule): [readonly Pair[], number] {
  const left = index(columns.left, free.left);
  const right = index(columns.right, free.right);
  const met: Pair[] = [];
  for (const [key, ours] of left) {
    const theirs = right.get(key);
    if (theirs !== undefined) met.push(...meet(ours, theirs, columns, rule));
  }
  const pairs = withoutConflicts(met, columns, rule);
  const strangers = (here: Column, free: number, there: number): number =>
    (Math.max(0, there - pairs.length) * free * sharedKeys(here, rule !== 'all')) / keyedRows(here);
  const expectedByChance = Math.min(
    strangers(columns.left, left.size, right.size),
    strangers(columns.right, right.size, left.size),
  );
  return [pairs, expectedByChance];
}

function take(pairs: readonly Pair[], { left, right }: PassColumns, free: Free): void {
  for (const [a, b] of pairs) {
    free.left[left.people[a] ?? 0] = 0;
    free.right[right.people[b] ?? 0] = 0;
  }
}

export type Cascade = { readonly pairs: readonly Pair[]; readonly passes: readonly PassReport[] };

/** Runs `passes` in order; each is taken from the iterable when its turn comes. */
export function cascade(passes: Iterable<PassColumns>, rule: MatchRule): Cascade {
  let free: Free | undefined;
  const found = new Map<string, Pair>();
  const reports: PassReport[] = [];
  let doubted = 0;
  for (const columns of passes) {
    free ??= { left: everyone(columns.left), right: everyone(columns.right) };
    const [pairs, expectedByChance] = runPass(columns, free, rule);
    const wrong = doubted + expectedByChance;
    const used =
      !columns.doubtful ||
      (expectedByChance <= pairs.length * MOST_BY_CHANCE &&
        wrong <= (found.size + pairs.length) * MOST_IN_ALL);
    reports.push({ pass: columns.pass, found: pairs.length, expectedByChance, used });
    if (!used) continue;
    if (columns.doubtful) doubted = wrong;
    for (const [a, b] of pairs) found.set(`${a} ${b}`, [a, b]);
    if (rule !== 'all') take(pairs, columns, free);
    // One person on the left may have many rows on the right, in this pass and in later ones.
    if (rule === 'one-to-many') free.left.fill(1);
  }
  return {
    pairs: [...found.values()].sort((x, y) => x[0] - y[0] || x[1] - y[1]),
    passes: reports,
  };
}
