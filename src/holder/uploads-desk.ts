/** What a holder's staff sees of rows that went to the sandbox for a run: by run, with the operator's statements. @module */
import { verifyErasure } from '../audit/erasure.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { ListedUploads, UploadsWire } from '../engine/transport/uploads-wire.ts';
import type { Studies } from './studies.ts';

export class UploadsDesk {
  readonly #wire: Pick<UploadsWire, 'list'>;
  readonly #studies: Pick<Studies, 'any'>;

  constructor(wire: Pick<UploadsWire, 'list'>, studies: Pick<Studies, 'any'>) {
    this.#wire = wire;
    this.#studies = studies;
  }

  /** Refuses with SIGNATURE_REJECTED a statement that the operator of the study did not sign. */
  async list(study: Digest): Promise<ListedUploads> {
    const { images } = await this.#studies.any(study);
    const operators = images.flatMap(({ sandbox }) => sandbox?.key ?? []);
    const listed = await this.#wire.list(study);
    for (const signed of listed.statements) {
      const operator = operators.find((key) => key === signed.key);
      check(operator !== undefined, 'SIGNATURE_REJECTED', 'statement of a stranger');
      const { study: of } = verifyErasure(signed, operator);
      check(of === study, 'SIGNATURE_REJECTED', 'statement of another study');
    }
    return listed;
  }
}
