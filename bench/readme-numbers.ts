/**
 * The numbers of the README that come from results: rows of its table, written between two marks, so that
 * they say what was measured and cannot drift.
 * @module
 */
import { keyOf, type Recorded, type Results } from '../src/sandbox/benchmarks/results.ts';

export const START = '<!-- bench:start -->';
export const END = '<!-- bench:end -->';

type Line = {
  readonly case: string;
  readonly size: number;
  readonly what: string;
  /** Said after the time. */
  readonly more?: (entry: Recorded) => string;
};

const short = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');
const rate = ({ size, median, unit }: Recorded): number =>
  size / (median * { s: 1, ms: 1e-3, us: 1e-6 }[unit]);
const millions = (entry: Recorded): string => `${short(rate(entry) / 1e6)} M a second`;
const bytes = ({ bytesPerItem }: Recorded): string =>
  `${short(bytesPerItem ?? 0)} bytes an element`;

const LINES: readonly Line[] = [
  {
    case: 'flow/pooled',
    size: 20_000,
    what: 'a query over two holders of 20,000 people in one process, without HTTP and deadline',
  },
  {
    case: 'he/encrypt',
    size: 65_536,
    what: '16 × 4,096 values encrypted in seeded mode, one core',
    more: millions,
  },
  { case: 'he/add', size: 4096, what: '4,096 values added, as the sandbox adds them' },
  { case: 'he/share', size: 4096, what: 'a decryption share of 4,096 values with its smudging' },
  {
    case: 'he/pooled',
    size: 1_000_000,
    what: 'two holders, a million cells: mask, encrypt, sum, recompute, share, combine, decode',
    more: ({ bytesPerItem }) => `${short(bytesPerItem ?? 0)} bytes a value`,
  },
  {
    case: 'he/paillier-encrypt',
    size: 3072,
    what: 'Paillier 3072, encryption with short randomness',
  },
  { case: 'he/paillier-decrypt', size: 3072, what: 'Paillier 3072, 64 decryptions, two threads' },
  {
    case: 'he/columns',
    size: 1_000_000,
    what: 'a sum under an encrypted indicator over a million rows',
  },
  {
    case: 'he/columns-groups',
    size: 1_000_000,
    what: 'count and sum in 20 encrypted groups over a million rows',
  },
  { case: 'psi/vole', size: 10_000, what: 'VOLE-PSI, 10,000 a side, two processes', more: bytes },
  { case: 'psi/vole', size: 65_536, what: 'VOLE-PSI, 2^16 a side, two processes', more: bytes },
  { case: 'psi/vole', size: 1_048_576, what: 'VOLE-PSI, 2^20 a side, two processes', more: bytes },
  { case: 'psi/ecdh', size: 10_000, what: 'ECDH-PSI, 10,000 a side, two processes' },
  { case: 'psi/ecdh', size: 100_000, what: 'ECDH-PSI, 100,000 a side, two processes' },
  {
    case: 'psi/oprf',
    size: 1000,
    what: 'OPRF evaluations (ristretto255), one core',
    more: (entry) => `${short(rate(entry))} a second`,
  },
  {
    case: 'linkage/dice',
    size: 4096,
    what: 'Dice comparisons of 1,024-bit encodings, one core',
    more: (entry) => `${short((rate(entry) * entry.size) / 1e6)} M a second`,
  },
  {
    case: 'flow/linked',
    size: 4096,
    what: 'a linked query, 4,096 people at each of two holders, three parties in one process',
  },
  {
    case: 'image/run',
    size: 100_000,
    what: 'an image that does nothing, 64 blocks over 100,000 people with 20 columns, processes started in the timer',
  },
  {
    case: 'image/meter',
    size: 4000,
    what: 'one call of the calibration example on 4,000 people, metered; beside it unmetered',
  },
  {
    case: 'ledger/reserve',
    size: 500,
    what: '500 durable reservations one after another, SQLite; beside it PostgreSQL with 8 clients',
    more: (entry) => `${short(rate(entry))} a second`,
  },
];

function lineOf({ what, more, ...line }: Line, entry: Recorded): string {
  const said = [
    `${short(entry.median)} ${entry.unit}`,
    ...(more === undefined ? [] : [more(entry)]),
  ];
  const peers = Object.entries(entry.peers).map(([name, ratio]) => `${short(ratio)} × ${name}`);
  const against = peers.length === 0 ? '' : `; ${peers.join(', ')}`;
  const command = `npx kakehashi bench ${line.case} --sizes ${line.size}`;
  return `| ${what} | ${said.join(', ')}${against} | \`${command}\` |`;
}

/** The block between the marks, with them. */
export function numbersBlock({ machine, commit, date, measurements }: Results): string {
  const found = new Map(measurements.map((entry) => [keyOf(entry), entry]));
  const rows = LINES.flatMap((line) => {
    const entry = found.get(keyOf(line));
    return entry === undefined ? [] : [lineOf(line, entry)];
  });
  const aes = measurements.map(({ calibration }) => calibration.aesGiBs);
  const load = measurements.map((entry) => entry.load);
  const range = (values: readonly number[]): string =>
    `${short(Math.min(...values))} to ${short(Math.max(...values))}`;
  return [
    START,
    `${machine}; commit ${commit.slice(0, 12)}, ${date.slice(0, 10)}; load ${range(load)}; AES-128-ECB ${range(aes)} GiB/s in the same`,
    'runs (reference 2.0), so read times as an order of magnitude and run the command on yours. Ratios are of one run.',
    '',
    '| what | measured | command |',
    '|---|---|---|',
    ...rows,
    END,
  ].join('\n');
}

/** The README with its block replaced; refuses one without marks. */
export function withNumbers(readme: string, results: Results): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error('the README has no marks for its numbers');
  return readme.slice(0, start) + numbersBlock(results) + readme.slice(end + END.length);
}
