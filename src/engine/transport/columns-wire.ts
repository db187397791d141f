/**
 * What a holder of encrypted columns asks of the sandbox, each request signed by the holder's identity
 * key (request-token.ts). Any of them may be sent again.
 * @module
 */
import { canonicalBytes, canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import type { Erased, SignedManifest } from '../../flows/columns/manifest.ts';
import type { Batch, SandboxColumns } from '../../flows/columns/sandbox-columns.ts';
import type { ColumnTable } from '../../flows/columns/table.ts';
import type { Clock } from '../../flows/ports.ts';
import { splitResults } from '../../he/seal/column-jobs.ts';
import { refusalOfResponse } from './problem-response.ts';
import type { SignedRequest, SignedResponse } from './signed-request.ts';

/** A batch is 13 MB, on a line that may be slow; sums are answered or put off within 20 s. */
const TIMEOUT_MS = 110_000;

export class ColumnsWire implements SandboxColumns {
  readonly #request: SignedRequest;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(request: SignedRequest, clock: Pick<Clock, 'now'>) {
    this.#request = request;
    this.#clock = clock;
  }

  async open({ study, table, blocks, list }: ColumnTable, relinearisation: Uint8Array) {
    const body = encodeCbor([table, blocks, canonicalJson(list), relinearisation]);
    await this.#post(`/v1/studies/${study}/columns`, body, 'application/cbor', [201]);
  }

  async store(table: ColumnTable, { bytes }: Batch): Promise<void> {
    await this.#post(`${path(table)}/batches`, bytes, 'application/vnd.apache.arrow.stream');
  }

  async complete(table: ColumnTable, manifest: SignedManifest): Promise<void> {
    await this.#post(`${path(table)}/manifest`, canonicalBytes(manifest), 'application/json');
  }

  async sums(
    table: ColumnTable,
    products: readonly (readonly string[])[],
    deadline: Date,
  ): Promise<Uint8Array[]> {
    const body = encodeCbor(products.map((ids) => [...ids]));
    for (;;) {
      const { status, body: bytes } = await this.#post(
        `${path(table)}/sums`,
        body,
        'application/cbor',
        [200, 202],
        deadline.getTime() - this.#clock.now().getTime(),
      );
      if (status === 200) return splitResults(bytes);
    }
  }

  async erase(table: ColumnTable): Promise<Erased> {
    const { body, status } = await this.#post(
      `${path(table)}/erasure`,
      undefined,
      undefined,
      [200, 404],
    );
    // An upload that the sandbox never took in can be given up as well.
    if (status === 404) return { ciphertexts: 0, bytes: 0 };
    const { ciphertexts, bytes } = parseStrict(fromUtf8(body)) as Erased;
    const counted = Number.isSafeInteger(ciphertexts) && Number.isSafeInteger(bytes);
    check(counted, 'SANDBOX_RESPONSE', 'answer to an erasure');
    return { ciphertexts, bytes };
  }

  async #post(
    at: string,
    body: Uint8Array | undefined,
    contentType: string | undefined,
    statuses: readonly number[] = [200],
    left: number = TIMEOUT_MS,
  ): Promise<SignedResponse> {
    check(left > 0, 'SANDBOX_UNREACHABLE', 'no answer before the deadline');
    const timeoutMs = Math.min(left, TIMEOUT_MS);
    const response = await this.#request('POST', at, { body, contentType, timeoutMs });
    if (!statuses.includes(response.status)) throw refusalOfResponse(response);
    return response;
  }
}

const path = ({ study, table }: ColumnTable): string => `/v1/studies/${study}/columns/${table}`;
