/** An image that runs in the sandbox, between institutions: its study, its query, its signatures. */
import { match } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { type Answer, command, type Institutions } from './institutions.ts';
import { FIRST_OF_BLOCK, SERIAL, signByAll, studiedImage } from './studied-image.ts';

/** An image that runs in the sandbox, and the study and query about it. */
export function sandboxed(
  binary: Uint8Array,
  rows: (name: string) => readonly (string | number)[],
  rho = '1/1',
) {
  const image = studiedImage(binary);
  const inSandbox = (key: string) => ({
    place: 'sandbox',
    sandbox: { operator: 'Example operator', key, clause: READS_ROWS },
  });
  const options = { ...image.options(rho, rows, inSandbox), operator: true };
  const query = { ...image.query(rho), groupBy: ['holder'] };
  /** Signed by everybody, with the sandbox. */
  const push = async (here: Institutions): Promise<void> => {
    const archive = here.at('image.tar');
    image.write(archive);
    await signByAll(here, archive);
  };
  return { options, query, push };
}

export const plain = () =>
  sandboxed(FIRST_OF_BLOCK, () => Array.from({ length: 40 }, () => SERIAL));

type Estimate = { readonly group: Record<string, string>; readonly value: number };
export type Released = {
  readonly release: {
    readonly estimates: readonly Estimate[];
    readonly receipt: { readonly run: string };
  };
};

export const pooledOf = (out: string): number =>
  (JSON.parse(out) as Released).release.estimates.find(({ group }) => group['holder'] === undefined)
    ?.value ?? Number.NaN;

/** The answer; asked again, free, where the one who asked lost the sandbox meanwhile. */
export async function settled(here: Institutions, query: object, asked: Promise<Answer>) {
  let answer = await asked;
  for (let i = 0; i < 3 && answer.code !== 0; i += 1) answer = await here.ask(query, 200);
  return answer;
}

type Statement = {
  readonly erasure: { readonly keys: readonly string[]; readonly of: { readonly id: string } };
};

/** The statement about a run, once it is there. */
export async function statementOf(here: Institutions, run: string): Promise<Statement> {
  const at = ['--study', here.study, '--data', here.data('lu')];
  for (;;) {
    const answer = await command(['cohort', 'uploads', ...at, '--statement', run, '--json']);
    if (answer.code === 0) return JSON.parse(answer.out) as Statement;
    match(answer.out + answer.err, /NOT_FOUND|nothing at this address/);
    await sleep(200);
  }
}
