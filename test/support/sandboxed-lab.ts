/** The holder's side of uploads over a sandbox of a test, called through its routes. */
import type { Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { ImageContent } from '../../src/cohort/plan.ts';
import { SandboxedUpload } from '../../src/engine/images/sandboxed-upload.ts';
import type { SignedRequest } from '../../src/engine/transport/signed-request.ts';
import { UploadsWire } from '../../src/engine/transport/uploads-wire.ts';
import type { ImageCall, SandboxPlace } from '../../src/flows/image-ports.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { writeArchive } from '../../src/image/archive.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import type { SandboxLab } from '../sandbox/sandbox-lab.ts';
import type { SignedImage } from './image.ts';
import { scratch } from './scratch.ts';
import { compiledRun } from './study.ts';

/** What a study says of an image that runs in the sandbox of `key`. */
export const sandboxClause = (image: SignedImage, key: string): Record<string, Json> => ({
  digest: image.digest,
  place: 'sandbox',
  sandbox: { operator: 'Tests', key, clause: READS_ROWS },
  boundary: 'bubblewrap',
  declaration: image.declaration,
  signers: image.signers,
});

/** Requests of a holder to the sandbox of a lab. */
export const requestOf =
  (lab: SandboxLab, name: string): SignedRequest =>
  async (method, path, { body, contentType, signal } = {}) => {
    signal?.throwIfAborted();
    const call = {
      ...(body !== undefined && { body }),
      ...(contentType !== undefined && { type: contentType }),
    };
    const { statusCode, rawPayload } = await lab.call(lab.identity(name), method, path, call);
    return { status: statusCode, headers: {}, body: new Uint8Array(rawPayload) };
  };

export const wireOf = (lab: SandboxLab, name: string): UploadsWire =>
  new UploadsWire(requestOf(lab, name));

export async function pushTo(lab: SandboxLab, study: Study, image: SignedImage): Promise<void> {
  const at = `/v1/studies/${study.id}/images/${image.digest}`;
  const body = writeArchive(image.filesFor(study.id));
  const answer = await lab.call(lab.keys.analyst, 'POST', at, { body, type: 'application/x-tar' });
  if (answer.statusCode !== 201) throw new Error(answer.body);
}

/** The query of `image` in 8 blocks, or of each person, as it is asked. */
export const imageQuery = (
  { digest, declaration }: SignedImage,
  rho = '1/200',
): Record<string, Json> => ({
  measures: [{ name: 'a', image: { digest, ...(declaration.mode === 'block' && { blocks: 8 }) } }],
  rho,
});

/** The call of a run that the sandbox was asked for. */
export function callOf(
  lab: SandboxLab,
  study: Study,
  query: Record<string, Json>,
  run: string,
): ImageCall {
  const { plan } = compiledRun(study, lab.keys, query);
  return { plan, block: 0, content: plan.blocks[0]?.content as ImageContent, run };
}

export const uploadOf = (call: ImageCall, holder: string, place: SandboxPlace): SandboxedUpload =>
  new SandboxedUpload(call, { holder, people: 1000, place, tmp: scratch(), rng: systemRng });
