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

export type Owned = { readonly file: string; readonly key: SigningKey };

export type LocalKeys = {
  readonly identities: ReadonlyMap<string, Owned>;
  readonly stewards: ReadonlyMap<string, readonly Owned[]>;
  readonly analyst: Owned & { readonly name: string };
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
    analyst: { name, ...(await newKey(join(root, 'keys', `analyst-${name}.pem`))) },
  };
}

/** `draft` with these keys in it, and no analyst but ours. */
export function fillWithLocalKeys(draft: Json, keys: LocalKeys): Json {
  const text = ({ key }: Owned): string => key.publicText;
  const filled = fillDraft(draft, {
    identities: new Map([...keys.identities].map(([name, own]) => [name, text(own)])),
    stewards: new Map([...keys.stewards].map(([name, own]) => [name, own.map(text)])),
    analysts: new Map(),
  });
  const { name, key } = keys.analyst;
  return { ...(filled as object), analysts: [{ name, key: key.publicText }] };
}
