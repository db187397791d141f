/** Images in files: archives as `image build` writes them. @module */
import type { Json } from '../base/canonical-json.ts';
import { readArchive, writeArchive } from '../image/archive.ts';
import { type Image, readLayout, writeLayout } from '../image/layout.ts';
import type { ImageSignature } from '../image/signature.ts';
import { type Io, readInput } from './io.ts';

/** Refuses with IMAGE_REJECTED what no holder would run. */
export const readImageFile = async (io: Io, path: string): Promise<Image> =>
  readLayout(readArchive(await readInput(io, path)));

export const imageArchive = (
  { declaration, wasm }: Pick<Image, 'declaration' | 'wasm'>,
  signatures: readonly ImageSignature[],
): Uint8Array => writeArchive(writeLayout(declaration, wasm, signatures));

const fieldText = ({
  name,
  min,
  max,
  step,
  unit,
}: Image['declaration']['fields'][number]): string =>
  `${name} from ${min} to ${max}${step === undefined ? '' : ` times ${step}`}${unit === undefined ? '' : ` ${unit}`}`;

/** What a steward reads before signing: everything that the declaration says. */
export function imageFacts({
  digest,
  declaration,
}: Pick<Image, 'digest' | 'declaration'>): [string, string][] {
  const { name, version, author, mode, columns, fields, memory, fuel } = declaration;
  return [
    ['image', digest],
    ['program', `${name} ${version}, by ${author}`],
    ['answers', mode === 'block' ? 'once for each block of people' : 'once for each person'],
    ['reads', columns.map((column) => `${column.name} (${column.type})`).join(', ')],
    ['gives', fields.map(fieldText).join('; ')],
    ['may use', `${memory * 64} KiB of memory and ${fuel} units of fuel in each call`],
  ];
}

export const imageJson = ({ digest, declaration, signatures }: Image): Json => ({
  digest,
  declaration: declaration as unknown as Json,
  signatures: signatures.map(({ key, statement }) => ({
    key,
    role: statement.role,
    study: statement.study,
  })),
});
