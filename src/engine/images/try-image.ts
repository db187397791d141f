/**
 * An image over rows that nobody ever was, for its author: the same import, tables, process and walls as
 * at a holder, and then what a holder never says: how many calls failed, what came out.
 * @module
 */
import path from 'node:path';
import { check } from '../../base/errors.ts';
import { systemRng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type { CohortSection } from '../../cohort/schema.ts';
import { readRecord, recordBytes } from '../../image/abi.ts';
import { meterModule } from '../../image/wasm/meter.ts';
import type { Module } from '../../image/wasm/module.ts';
import { importCohort } from '../duckdb/import.ts';
import { imageSql } from '../duckdb/image-sql.ts';
import { imageTables } from '../duckdb/image-tables.ts';
import { replaceFile } from '../duckdb/install.ts';
import { Session } from '../duckdb/session.ts';
import { ImageProcess } from './image-process.ts';

export type Trial = {
  readonly plan: Plan;
  readonly module: Module;
  /** Synthetic rows as CSV. */
  readonly files: readonly string[];
  readonly section: CohortSection;
  readonly holder: string;
  readonly runner: string;
  /** An empty directory of the caller's, who deletes it. */
  readonly directory: string;
};

export type Tried = {
  readonly calls: number;
  /** That trapped, ran out of fuel or gave no record: they count as the default. */
  readonly failed: number;
  /** Units, of the call that took most; more than declared where one ran out. */
  readonly fuel: number;
  /** Of the other calls; null where there is none. */
  readonly fields: readonly ({
    readonly min: bigint;
    readonly max: bigint;
    readonly mean: number;
  } | null)[];
  readonly seconds: number;
};

function contentOf({ blocks }: Plan): ImageContent {
  const content = blocks[0]?.content;
  check(content?.kind === 'image', 'INTERNAL', 'a plan without an image');
  return content;
}

async function load({ files, section, holder, directory }: Trial): Promise<string> {
  const file = path.join(directory, 'cohort.duckdb');
  const key = (): Secret => new Secret('a trial', systemRng(32));
  await importCohort({
    files,
    section,
    holder,
    orderKey: key(),
    contentKey: key(),
    identityKey: key(),
    install: async (built) => {
      await replaceFile(built, file);
      return undefined;
    },
    tmpDirectory: directory,
  });
  return file;
}

function summary(answers: readonly bigint[]): Tried['fields'][number] {
  const [first] = answers;
  if (first === undefined) return null;
  return {
    min: answers.reduce((a, b) => (a < b ? a : b), first),
    max: answers.reduce((a, b) => (a > b ? a : b), first),
    mean: Number(answers.reduce((a, b) => a + b, 0n)) / answers.length,
  };
}

export async function tryImage(trial: Trial): Promise<Tried> {
  const { plan, module, runner, directory } = trial;
  const content = contentOf(plan);
  const { fields, fuel, boundary, blocks } = content;
  const file = await load(trial);
  const options = { file, readOnly: true, tmpDirectory: directory, threads: 1, memoryLimit: '1GB' };
  const session = await Session.open(options);
  const program = {
    ...{ module: meterModule(module), fuel, fields: fields.length, boundary, runner },
    tellsFuel: true,
  };
  const process = await ImageProcess.start(program);
  try {
    const { sql, bound } = imageSql(plan, content, { oneRowPerPerson: false });
    const began = performance.now();
    const answers: bigint[][] = [];
    let [calls, most] = [0, 0];
    const recordEnd = recordBytes(fields.length);
    for await (const { table } of imageTables(
      session.chunks(sql, bound),
      content,
      Math.max(1, blocks),
    )) {
      const told = await process.answer(table);
      const record = readRecord(told.subarray(0, recordEnd), fields);
      const left = new DataView(told.buffer, told.byteOffset + recordEnd).getBigInt64(0, true);
      most = Math.max(most, fuel - Number(left));
      calls += 1;
      if (record !== undefined) answers.push(record);
    }
    return {
      calls,
      failed: calls - answers.length,
      fuel: most,
      fields: fields.map((_, i) => summary(answers.map((own) => own[i] ?? 0n))),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    process.kill();
    session.close();
  }
}
