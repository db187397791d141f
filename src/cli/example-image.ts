/** The example images that ship with the package, held to their pins. @module */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { sha256Hex } from '../base/hash.ts';
import { imageDigest, readDeclaration } from '../image/layout.ts';
import type { LocalImage } from './local-images.ts';

export type ExampleName = 'diabetes-calibration' | 'biomarker-cutpoint' | 'gait-features';

export type ExampleImage = LocalImage & { readonly digest: string };

const FOLDER = 'sandbox-images/analysis';

type Pins = Readonly<Record<string, { readonly binary: string; readonly image: string }>>;

/** Refuses with KERNEL_REJECTED what is not the pinned one. */
export async function exampleImage(
  name: ExampleName,
  // From dist/; a test gives the root of the project.
  root: string = path.join(path.dirname(fileURLToPath(import.meta.url)), '..'),
): Promise<ExampleImage> {
  const file = (of: string): string => path.join(root, FOLDER, of);
  const json = async (of: string) => parseStrict(await readFile(file(of), 'utf8'));
  const pin = ((await json('images.json')) as Pins)[name];
  const declaration = readDeclaration(await json(`${name}.json`));
  const wasm = new Uint8Array(await readFile(file(`${name}.wasm`)));
  const digest = imageDigest(declaration, wasm);
  const same = pin?.binary === sha256Hex(wasm) && pin.image === digest;
  check(same, 'KERNEL_REJECTED', `image ${name}`);
  return { declaration, wasm, digest };
}
