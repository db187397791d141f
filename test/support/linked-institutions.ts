/** Two institutions with 60 and 70 people, of whom 30 are the same, under a study that links them. */
import { readFileSync } from 'node:fs';
import { type Answer, holdersOf, Institutions, json, type Service } from './institutions.ts';

const LU = 60;
const JP = 70;
export const SHARED = 30;

/** Lu has p0 to p59, jp p30 to p99. */
const person = (i: number): string => `p${i}`;
export const sharedPeople: readonly string[] = Array.from({ length: SHARED }, (_, i) =>
  person(LU - SHARED + i),
).sort();

const lines = (header: string, from: number, count: number, value: (i: number) => string): string =>
  `${header}\n${Array.from({ length: count }, (_, i) => `${person(from + i)},${value(from + i)}\n`).join('')}`;

const FILES = {
  lu: lines('patient_id,arm', 0, LU, (i) => (i % 2 === 0 ? 'a' : 'b')),
  jp: lines('patient_id,days', LU - SHARED, JP, (i) => String(i % 10)),
  // Everybody's people, and a column that neither of the two has.
  kr: lines('patient_id,site', 0, 100, () => 'x'),
} as const;

type Name = keyof typeof FILES;

const HELD: Readonly<Record<Name, readonly string[]>> = { lu: ['arm'], jp: ['days'], kr: ['site'] };

/** Files and a draft without keys, of a study between these holders that allows every output. */
export function linkedDraft(names: readonly Name[]) {
  const each = <T>(value: (name: Name) => T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  const draft = {
    format: 'kakehashi/study/1',
    title: 'People in both',
    purpose: 'research',
    expires: '2099-12-31',
    holders: holdersOf(names),
    analysts: [],
    cohort: {
      person: 'patient_id',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: each(() => 100),
      nulls: [''],
      columns: {
        arm: { type: 'category', domain: ['a', 'b'] },
        days: { type: 'integer', min: 0, max: 10 },
        ...(names.includes('kr') && { site: { type: 'category', domain: ['x'] } }),
      },
      held: each((name) => HELD[name]),
    },
    operations: ['count'],
    honestHolders: 1,
    images: [],
    linkage: {
      outputs: ['aggregate', 'set', 'cardinality', 'ids'],
      disclosure: 'membership',
      disclosures: 4,
      cardinality: { epsilon: '1/2', delta: '1/10000000' },
    },
    minimumCell: 5,
    budget: each(() => ({ rho: '1000/1', delta: '1/1000' })),
  };
  return { files: each((name) => FILES[name]), draft };
}

export const LINKED_QUERY = {
  format: 'kakehashi/linked-query/1',
  groupBy: ['arm'],
  measures: [{ name: 'people', count: true }],
  rho: '1/1',
};

export const disclosing = (output: string): object => ({
  format: 'kakehashi/linked-query/1',
  measures: [{ name: 'people', count: true }],
  disclose: output,
  rho: '4/1',
});

/** Every answer but a released one is given as what went wrong. */
export async function askedOf(here: Institutions, query: object): Promise<Record<string, unknown>> {
  const { code, out, err }: Answer = await here.ask(query, 60);
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as Record<string, unknown>) };
}

/** What the ledger of a holder has of runs, in order. */
export async function bookedAt(here: Institutions, name: string): Promise<string[]> {
  const { entries } = (await here.ledger(name)) as { entries: { body: { type: string } }[] };
  return entries.map(({ body }) => body.type).filter((type) => !['grant', 'load'].includes(type));
}

export class LinkedInstitutions extends Institutions {
  override open(): Promise<Record<'sandbox' | 'lu' | 'jp', Service>> {
    const { files, draft } = linkedDraft(['lu', 'jp']);
    return super.open({ csv: files, draft });
  }

  asked(query: object): Promise<Record<string, unknown>> {
    return askedOf(this, query);
  }

  /** What stands for each person of a holder's own file, by `cohort disclosed`. */
  async told(name: string, run?: string): Promise<Map<string, string>> {
    const out = this.at(`${name}-${process.hrtime.bigint()}.csv`);
    const of = run === undefined ? [] : ['--run', run];
    const where = ['--study', this.study, '--data', this.data(name), '--out', out, ...of];
    await json(['cohort', 'disclosed', this.at(`${name}.csv`), ...where]);
    const [, ...rows] = readFileSync(out, 'utf8').trim().split('\n');
    return new Map(rows.map((row) => row.split(',').reverse() as [string, string]));
  }

  disclosures(name: string): Promise<Record<string, unknown>> {
    return json(['cohort', 'disclosed', '--study', this.study, '--data', this.data(name)]);
  }
}
