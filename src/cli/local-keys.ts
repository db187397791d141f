/**
 * Keys for everybody of a study that is run on one machine, each in its own file as it would be
 * at its owner's: identities in the holders' data directories, stewards and analyst apart.
 * @module
 */
import { join } from 'node:path';
import type { Json } from '../base/canonical-json.ts';
import { SigningKey } from '../base/sign.ts';
import { saveKey } from '../engine/keys.ts';
import { analystName, fillDraft, holderNames, stewardsNeeded } from './fill-draft.ts';
import { imageClause, type ImageKeys, type LocalImage, signersOf } from './local-images.ts';

export type Owned = { readonly file: string; readonly key: SigningKey };

export type LocalKeys = {
  readonly identities: ReadonlyMap<string, Owned>;
  readonly stewards: ReadonlyMap<string, readonly Owned[]>;
  readonly analyst: Owned & { readonly name: string };
  /** Of the images, where there are any. */
  readonly author: Owned;
  /** Of the sandbox, for programs that run there. */
  readonly operator: Owned;
};

async function newKey(file: string): Promise<Owned> {
  const key = SigningKey.generate();
  await saveKey(file, key);
  return { file, key };
}

/** The data directory of `holder` below `root`. */
export const holderDirectory = (root: string, holder: string): string =>
  join(root, 'holders', holder);

/** New keys for the holders of `draft`, for as many stewards as it asks for, and one analyst. */
export async function makeLocalKeys(root: string, draft: Json): Promise<LocalKeys> {
  const identities = new Map<string, Owned>();
  const stewards = new Map<string, readonly Owned[]>();
  for (const holder of holderNames(draft)) {
    const identity = join(holderDirectory(root, holder), 'keys', 'identity.pem');
    identities.set(holder, await newKey(identity));
    const own: Owned[] = [];
    for (let i = 1; i <= stewardsNeeded(draft, holder); i += 1) {
      own.push(await newKey(join(root, 'keys', `${holder}-steward-${i}.pem`)));
    }
    stewards.set(holder, own);
  }
  const name = analystName(draft);
  return {
    identities,
    stewards,
    author: await newKey(join(root, 'keys', 'image-author.pem')),
    operator: await newKey(join(root, 'sandbox', 'keys', 'operator.pem')),
    analyst: { name, ...(await newKey(join(root, 'keys', `analyst-${name}.pem`))) },
  };
}

/** Who signs images: the author, and every steward. */
export const imageKeysOf = ({ author, stewards }: LocalKeys): ImageKeys => ({
  author: author.key,
  parties: [...stewards.values()].flatMap((own) => own.map(({ key }) => key)),
});

/** `draft` with these keys in it, no analyst but ours, and these images where there are any. */
export function fillWithLocalKeys(
  draft: Json,
  keys: LocalKeys,
  images: readonly LocalImage[] = [],
): Json {
  const text = ({ key }: Owned): string => key.publicText;
  const filled = fillDraft(draft, {
    identities: new Map([...keys.identities].map(([name, own]) => [name, text(own)])),
    stewards: new Map([...keys.stewards].map(([name, own]) => [name, own.map(text)])),
    analysts: new Map(),
  });
  const { name, key } = keys.analyst;
  const signers = signersOf(imageKeysOf(keys));
  const operator = { operator: 'the user of this machine', key: text(keys.operator) };
  const clauseOf = (image: LocalImage): Json =>
    imageClause(image, signers, 'bubblewrap', image.inSandbox === true ? operator : undefined);
  return {
    ...(filled as object),
    analysts: [{ name, key: key.publicText }],
    ...(images.length > 0 && { images: images.map(clauseOf) }),
  };
}
