/**
 * The runner's own cost: 64 blocks over a loaded cohort of 20 columns, through a program that does nothing, two
 * processes behind bubblewrap. From the open database to the sums: rows ordered and copied into tables, processes
 * started, every table piped into its program's memory, records read back. Not padded to the deadline. Size: people.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from '../../src/base/canonical-json.ts';
import { Secret } from '../../src/base/secret.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import type { ImageContent, Plan } from '../../src/cohort/plan.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { ImageSums } from '../../src/engine/duckdb/image-sums.ts';
import { importCohort } from '../../src/engine/duckdb/import.ts';
import { replaceFile } from '../../src/engine/duckdb/install.ts';
import { Session } from '../../src/engine/duckdb/session.ts';
import { imagesOf } from '../../test/support/image-lab.ts';
import { answering, i64, RESERVE, wasm } from '../../test/support/wasm-text.ts';
import { defineCase } from '../case.ts';

const COLUMNS = 20;
const BLOCKS = 64;
const DIGEST = 'd'.repeat(64);
const NAMES = Array.from({ length: COLUMNS }, (_, i) => `c${i}`);
const RUNNER = fileURLToPath(new URL('image-runner.js', import.meta.url));
/** Answers 7; room for a block of some ten thousand people. */
const NOTHING = wasm({
  memory: [1, 1, 0x80, 1],
  functions: [RESERVE, [[], answering(...i64(7n))]],
});

type Input = {
  readonly directory: string;
  readonly session: Session;
  readonly plan: Plan;
  readonly content: ImageContent;
};

const section = (people: number) =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: people, jp: people },
      nulls: [''],
      columns: Object.fromEntries(
        NAMES.map((name) => [name, { type: 'integer', min: 0, max: 1000 }]),
      ),
    },
    ['lu', 'jp'],
  );

function planOf(people: number): Plan {
  const declaration = {
    mode: 'block' as const,
    columns: NAMES.map((name) => ({ name, type: 'int64' as const })),
    fields: [{ name: 'a', min: 0, max: 100, default: 50 }],
    memory: 128,
    fuel: 1000,
  };
  const query: Json = {
    format: 'kakehashi/query/1',
    measures: [{ name: 'a', image: { digest: DIGEST, blocks: BLOCKS } }],
    rho: '1/2',
  };
  const terms = {
    study: DIGEST,
    holders: ['lu', 'jp'],
    honestHolders: 1,
    cohort: section(people),
    operations: ['image'],
    minimumCell: 0,
    images: [{ digest: DIGEST, boundary: 'bubblewrap' as const, declaration }],
  };
  return compileQuery(terms, query);
}

async function load(people: number, directory: string): Promise<Session> {
  const csv = path.join(directory, 'rows.csv');
  const file = path.join(directory, 'cohort.duckdb');
  const lines = Array.from({ length: people }, (_, i) =>
    [`p${i}`, ...NAMES.map((_name, c) => (i * (c + 1)) % 1001)].join(','),
  );
  writeFileSync(csv, [['pid', ...NAMES].join(','), ...lines].join('\n'));
  const key = (fill: number): Secret => new Secret('bench', new Uint8Array(32).fill(fill));
  await importCohort({
    files: [csv],
    section: section(people),
    holder: 'lu',
    orderKey: key(1),
    contentKey: key(2),
    identityKey: key(3),
    install: async (built) => {
      await replaceFile(built, file);
      return undefined;
    },
    tmpDirectory: directory,
  });
  const memoryLimit = '1GB';
  return Session.open({ file, readOnly: true, tmpDirectory: directory, threads: 2, memoryLimit });
}

async function run({ plan, content, session }: Input) {
  const sums = new ImageSums({ plan, block: 0, content });
  const { signal } = new AbortController();
  const tables = sums.tables(session, { oneRowPerPerson: true });
  await imagesOf(NOTHING, 2, RUNNER).answers(sums.call, tables, sums.add, signal);
  return sums.values();
}

export default defineCase<Input>({
  name: 'image/run',
  timed:
    '64 blocks over a loaded cohort of 20 columns through a program that does nothing, two processes behind bubblewrap, started in the timer; not the deadline. Size: people.',
  sizes: [100_000],
  unit: 'ms',
  setup: async (people) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'kakehashi-bench-'));
    const session = await load(people, directory);
    const plan = planOf(people);
    const content = plan.blocks[0]?.content as ImageContent;
    return { directory, session, plan, content };
  },
  check: async (input) => {
    // Every block answers 7 of 0 to 100.
    deepStrictEqual(
      (await run(input)).map(([, sum]) => sum),
      [64n * 7n, 64n * 7n * 93n],
    );
  },
  contenders: { 'image/run': run },
  teardown: ({ session, directory }) => {
    session.close();
    rmSync(directory, { recursive: true, force: true });
  },
});
