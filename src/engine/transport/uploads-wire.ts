/**
 * The sandbox as the place of a run, each request signed by the holder's identity key. Nothing that
 * it answers is believed: openings are signed by the operator, answers are sealed.
 * @module
 */
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import type { SignedErasure } from '../../audit/erasure.ts';
import type { Digest } from '../../base/hash.ts';
import type { SandboxPlace } from '../../flows/image-ports.ts';
import type { SignedOpening, UploadId } from '../../flows/sandboxed-run.ts';
import { refusalOfResponse } from './problem-response.ts';
import type { RequestOptions, SignedRequest, SignedResponse } from './signed-request.ts';

export type ListedUploads = {
  readonly uploads: readonly {
    readonly upload: Digest;
    readonly run: Digest;
    readonly holder: string;
    readonly image: Digest;
    readonly bytes: number;
    readonly expires: string;
    readonly state: string;
  }[];
  readonly statements: readonly SignedErasure[];
};

const BYTES = 'application/octet-stream';
/** A chunk is 1 MiB, on a line that may be slow; a program is answered or put off within 20 s. */
const TIMEOUT_MS = 60_000;

const path = ({ run, upload }: UploadId): string => `/v1/runs/${run}/uploads/${upload}`;

export class UploadsWire implements SandboxPlace {
  readonly #request: SignedRequest;

  constructor(request: SignedRequest) {
    this.#request = request;
  }

  async open(run: Digest, block: number, signal: AbortSignal): Promise<SignedOpening> {
    const body = canonicalBytes({ block });
    const options = { body, contentType: 'application/json', signal };
    const answer = await this.#call('POST', `/v1/runs/${run}/uploads`, options, [201]);
    return parseStrict(fromUtf8(answer.body)) as unknown as SignedOpening;
  }

  async store(upload: UploadId, number: number, sealed: Uint8Array, signal: AbortSignal) {
    const options = { body: sealed, contentType: BYTES, signal };
    await this.#call('POST', `${path(upload)}/chunks/${number}`, options, [200]);
  }

  async execute(upload: UploadId, key: Uint8Array, signal: AbortSignal): Promise<void> {
    const options = { body: key, contentType: BYTES, signal };
    for (;;) {
      const { status } = await this.#call('POST', `${path(upload)}/execution`, options, [200, 202]);
      if (status === 200) return;
    }
  }

  async answers(upload: UploadId, number: number, signal: AbortSignal): Promise<Uint8Array> {
    const at = `${path(upload)}/answers/${number}`;
    return (await this.#call('GET', at, { signal }, [200])).body;
  }

  /** What the sandbox says of uploads of a study, unverified. */
  async list(study: Digest): Promise<ListedUploads> {
    const answer = await this.#call('GET', `/v1/studies/${study}/uploads`, {}, [200]);
    return parseStrict(fromUtf8(answer.body)) as unknown as ListedUploads;
  }

  async #call(
    method: 'GET' | 'POST',
    at: string,
    options: RequestOptions,
    statuses: readonly number[],
  ): Promise<SignedResponse> {
    const response = await this.#request(method, at, { timeoutMs: TIMEOUT_MS, ...options });
    if (!statuses.includes(response.status)) throw refusalOfResponse(response);
    return response;
  }
}
