/** An image that runs in the sandbox, between institutions: its study, its query, its signatures. */
import { writeFileSync } from 'node:fs';
import { SigningKey } from '../../src/base/sign.ts';
import { writeArchive } from '../../src/image/archive.ts';
import { imageDigest, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { declarationFor } from './image.ts';
import { type Institutions, json } from './institutions.ts';

const author = SigningKey.generate();

/** An image that runs in the sandbox, and the study and query about it. */
export function sandboxed(
  binary: Uint8Array,
  rows: (name: string) => readonly (string | number)[],
) {
  const declaration = declarationFor(binary, {
    columns: [{ name: 'serial', type: 'int64' }],
    fields: [{ name: 'answer', min: 0, max: 100, default: 50 }],
  });
  const digest = imageDigest(declaration, binary);
  const csv = (name: string): string =>
    ['patient_id,serial', ...rows(name).map((value, i) => `${name}${i},${value}`)].join('\n');
  const options = {
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
    rho: '1/1',
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
