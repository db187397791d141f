/** Images at the sandbox as a member of the study reaches them, each request signed by its key. @module */
import { parseStrict } from '../../base/canonical-json.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import type { Digest } from '../../base/hash.ts';
import { refusalOfResponse } from './problem-response.ts';
import type { Method, RequestOptions, SignedRequest } from './signed-request.ts';

/** What the sandbox says of an image; shown, never believed. */
export type PushedImage = {
  readonly digest: Digest;
  readonly pushed: boolean;
  readonly signed: boolean;
  readonly signatures: readonly string[];
};

const ARCHIVE_TYPE = 'application/x-tar';
const TIMEOUT_MS = 60_000;

export class ImagesWire {
  readonly #request: SignedRequest;

  constructor(request: SignedRequest) {
    this.#request = request;
  }

  /** The archive, unverified. */
  fetch(study: Digest, image: Digest): Promise<Uint8Array> {
    return this.#call('GET', `/v1/studies/${study}/images/${image}`, 200, {});
  }

  async push(study: Digest, image: Digest, archive: Uint8Array): Promise<PushedImage> {
    const body = { body: archive, contentType: ARCHIVE_TYPE };
    const answer = await this.#call('POST', `/v1/studies/${study}/images/${image}`, 201, body);
    return parseStrict(fromUtf8(answer)) as unknown as PushedImage;
  }

  async #call(method: Method, path: string, status: number, options: RequestOptions) {
    const response = await this.#request(method, path, { ...options, timeoutMs: TIMEOUT_MS });
    if (response.status !== status) throw refusalOfResponse(response);
    return response.body;
  }
}
