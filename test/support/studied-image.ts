/** An image between institutions: the study and the query about it, its file, and everybody's signature. */
import { writeFileSync } from 'node:fs';
import { SigningKey } from '../../src/base/sign.ts';
import { writeArchive } from '../../src/image/archive.ts';
import { imageDigest, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { declarationFor } from './image.ts';
import { FIRST_VALUE } from './image-lab.ts';
import { cohortOf, type Institutions, json } from './institutions.ts';
import { answering, RESERVE, wasm } from './wasm-text.ts';

/** Nobody else has this number. */
export const SERIAL = 0x5d20c47f3a91;

/** Answers with the first value of the block. */
export const FIRST_OF_BLOCK = wasm({ functions: [RESERVE, [[], answering(...FIRST_VALUE)]] });

/** What the clause of a study says of where the image runs, for the public key of the sandbox's operator. */
type Place = (operator: string) => object;

const AT_HOLDER: Place = () => ({ place: 'holder' });

/** An image over one column, `serial`, that answers with one number of 0 to 100. */
export function studiedImage(binary: Uint8Array = FIRST_OF_BLOCK) {
  const author = SigningKey.generate();
  const declaration = declarationFor(binary, {
    columns: [{ name: 'serial', type: 'int64' }],
    fields: [{ name: 'answer', min: 0, max: 100, default: 50 }],
  });
  const digest = imageDigest(declaration, binary);
  const csv = (name: string, serials: readonly (string | number)[]): string =>
    ['patient_id,serial', ...serials.map((serial, i) => `${name}${i},${serial}`)].join('\n');
  return {
    digest,
    /** `serials` of the people of a holder, by its name. */
    options: (
      rho: string,
      serials: (name: string) => readonly (string | number)[],
      place: Place = AT_HOLDER,
    ) => ({
      rho,
      csv: { lu: csv('lu', serials('lu')), jp: csv('jp', serials('jp')) },
      draft: {
        operations: ['count', 'image'],
        cohort: cohortOf({ serial: { type: 'integer', min: 0, max: 2 ** 47 } }),
      },
      images: (stewards: readonly string[], operator = '') => [
        {
          digest,
          boundary: 'bubblewrap',
          declaration,
          signers: { author: author.publicText, parties: { need: 2, keys: stewards } },
          ...place(operator),
        },
      ],
    }),
    query: (rho: string) => ({
      format: 'kakehashi/query/1',
      measures: [{ name: 'first', image: { digest, blocks: 8 } }],
      rho,
    }),
    /** Writes the image with the author's signature only. */
    write: (file: string): void => {
      const signed = [signImage(author, digest, { role: 'author' })];
      writeFileSync(file, writeArchive(writeLayout(declaration, binary, signed)));
    },
  };
}

/** What `image push` says of the image in a file, as the analyst pushes it. */
export function pushImage(here: Institutions, archive: string, sandbox = here.url) {
  const at = ['--study', here.studyFile, '--sandbox', sandbox];
  return json(['image', 'push', archive, ...at, '--key', here.at('keys', 'ana.pem')]);
}

/** A steward signs for itself; the sandbox adds up what it is given. */
export async function signAndPush(
  here: Institutions,
  name: string,
  archive: string,
  sandbox = here.url,
) {
  const own = here.at(`${name}.tar`);
  const key = ['--key', here.at('keys', `${name}.pem`)];
  await json(['image', 'sign', archive, ...key, '--study', here.studyFile, '--out', own]);
  return pushImage(here, own, sandbox);
}

/** Every steward signs for itself, one after the other. */
export async function signByAll(here: Institutions, archive: string): Promise<void> {
  for (const name of here.names) await signAndPush(here, name, archive);
}
