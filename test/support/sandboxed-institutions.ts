/** An image that runs in the sandbox, between institutions: its study, its query, its signatures. */
import { match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SigningKey } from '../../src/base/sign.ts';
import { writeArchive } from '../../src/image/archive.ts';
import { imageDigest, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { declarationFor } from './image.ts';
import { FIRST_VALUE } from './image-lab.ts';
import { type Answer, command, type Institutions, json } from './institutions.ts';
import { answering, RESERVE, wasm } from './wasm-text.ts';

const author = SigningKey.generate();

/** An image that runs in the sandbox, and the study and query about it. */
export function sandboxed(
  binary: Uint8Array,
  rows: (name: string) => readonly (string | number)[],
  rho = '1/1',
) {
  const declaration = declarationFor(binary, {
    columns: [{ name: 'serial', type: 'int64' }],
    fields: [{ name: 'answer', min: 0, max: 100, default: 50 }],
  });
  const digest = imageDigest(declaration, binary);
  const csv = (name: string): string =>
    ['patient_id,serial', ...rows(name).map((value, i) => `${name}${i},${value}`)].join('\n');
  const options = {
    rho,
    csv: { lu: csv('lu'), jp: csv('jp') },
    draft: {
      operations: ['count', 'image'],
      cohort: {
        person: 'patient_id',
        rowsPerPerson: 1,
        cellsPerPerson: 1,
        declaredSize: { lu: 1000, jp: 1000 },
        nulls: [''],
        columns: { serial: { type: 'integer', min: 0, max: 2 ** 47 } },
      },
    },
    operator: true,
    images: (stewards: readonly string[], operator = '') => [
      {
        digest,
        place: 'sandbox',
        sandbox: { operator: 'Example operator', key: operator, clause: READS_ROWS },
        boundary: 'bubblewrap',
        declaration,
        signers: { author: author.publicText, parties: { need: 2, keys: stewards } },
      },
    ],
  };
  const query = {
    format: 'kakehashi/query/1',
    groupBy: ['holder'],
    measures: [{ name: 'first', image: { digest, blocks: 8 } }],
    rho,
  };
  /** Signed by everybody, with the sandbox. */
  const push = async (here: Institutions): Promise<void> => {
    const archive = here.at('image.tar');
    const signatures = [signImage(author, digest, { role: 'author' })];
    writeFileSync(archive, writeArchive(writeLayout(declaration, binary, signatures)));
    const at = ['--study', here.studyFile, '--sandbox', here.url];
    for (const name of here.names) {
      const own = here.at(`${name}.tar`);
      const key = ['--key', here.at('keys', `${name}.pem`)];
      await json(['image', 'sign', archive, ...key, '--study', here.studyFile, '--out', own]);
      await json(['image', 'push', own, ...at, '--key', here.at('keys', 'ana.pem')]);
    }
  };
  return { options, query, push };
}

/** Nobody else has this number. */
export const SERIAL = 0x5d20c47f3a91;

const PLAIN = wasm({ functions: [RESERVE, [[], answering(...FIRST_VALUE)]] });

export const plain = () => sandboxed(PLAIN, () => Array.from({ length: 40 }, () => SERIAL));

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
