/**
 * Which studies this holder takes part in (rulings 35, 36): only one that its own stewards and a
 * steward of every other holder signed, in which every identity key is the one pinned here.
 * @module
 */
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Clock, Ledger } from '../flows/ports.ts';
import { readSignedStudy, type Study } from '../flows/study-terms.ts';
import { checkRules } from '../study/rules/evaluate.ts';
import { checkLive } from '../study/terms.ts';

export type StudiesOptions = {
  readonly holder: string;
  /** This holder's own identity key. */
  readonly identity: PublicKeyText;
  /** The pinned identity keys of the others. */
  readonly others: Readonly<Record<string, PublicKeyText>>;
  /** Keys that this holder's own stewards may have; a study must name no other for it. */
  readonly stewards: readonly PublicKeyText[];
  /** Keys of analysts, and of stewards of other holders, that are not trusted any more. */
  readonly revoked?: readonly PublicKeyText[];
  readonly runs: HolderRuns;
  readonly ledger: Ledger;
  readonly clock: Clock;
};

export class Studies {
  readonly #options: StudiesOptions;
  readonly #read = new Map<Digest, Study>();

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  /**
   * Checks a signed study, keeps it and books what it grants. Idempotent. Where `id` is given,
   * another study is refused with MALFORMED_MESSAGE before anything is kept. `expired`: also one that is
   * over, whose spending is to be known again (recovery.ts).
   */
  async accept(
    body: Uint8Array,
    id?: Digest,
    { expired = false }: { readonly expired?: boolean } = {},
  ): Promise<Study> {
    const { runs, ledger, clock, holder } = this.#options;
    const text = fromUtf8(body);
    const study = readSignedStudy(parseStrict(text));
    check(id === undefined || id === study.id, 'MALFORMED_MESSAGE', 'frame of another study');
    if (!expired) {
      checkLive(study, clock.now());
      checkRules(study);
    }
    this.#checkPins(study);
    const budget = study.budget.get(holder);
    check(budget !== undefined, 'INVALID_STUDY', 'no budget for this holder');
    await ledger.grant(study.id, budget);
    stepDone(study.id, 'study/grant');
    await runs.keepStudy(study.id, text);
    stepDone(study.id, 'study/keep');
    return study;
  }

  /** An accepted study, neither stopped nor expired, all of whose keys are still pinned here. */
  async open(id: Digest): Promise<Study> {
    const stored = await this.#options.runs.study(id);
    check(stored !== undefined, 'STUDY_UNKNOWN', id);
    check(stored.state !== 'stopped', 'STUDY_STOPPED', id);
    const study = this.#stored(id, stored.signed);
    checkLive(study, this.#options.clock.now());
    // A key that was taken out of the configuration since is not trusted for an old study either.
    this.#checkPins(study);
    return study;
  }

  /** An accepted study in whatever state. */
  async any(id: Digest): Promise<Study> {
    const stored = await this.#options.runs.study(id);
    check(stored !== undefined, 'STUDY_UNKNOWN', id);
    return this.#stored(id, stored.signed);
  }

  /**
   * Before a run reserves: refuses with SIGNATURE_REJECTED an analyst whose key was revoked here since the
   * study was signed, and with what `open` refuses.
   */
  async checkAnalyst(id: Digest, name: string): Promise<void> {
    const { revoked = [] } = this.#options;
    const key = (await this.open(id)).analysts.find((analyst) => analyst.name === name)?.key;
    check(key !== undefined && !revoked.includes(key), 'SIGNATURE_REJECTED', `analyst ${name}`);
  }

  #stored(id: Digest, signed: string): Study {
    let study = this.#read.get(id);
    if (study === undefined) {
      study = readSignedStudy(parseStrict(signed));
      this.#read.set(id, study);
    }
    return study;
  }

  #checkPins(study: Study): void {
    const { holder, identity, others, stewards } = this.#options;
    const own = study.holders.find(({ name }) => name === holder);
    check(own !== undefined, 'INVALID_STUDY', 'this holder is not in the study');
    check(
      own.stewards.keys.every((key) => stewards.includes(key)),
      'STEWARD_NOT_PINNED',
      'a steward of this holder',
    );
    const { revoked = [] } = this.#options;
    const live = study.holders.every(
      ({ stewards: { need, keys } }) => keys.filter((key) => !revoked.includes(key)).length >= need,
    );
    // What too few may speak for now, nobody speaks for.
    check(live, 'STEWARD_NOT_PINNED', 'stewards of a holder are revoked');
    for (const { name, identity: named } of study.holders) {
      const pinned = name === holder ? identity : others[name];
      if (pinned !== named) throw new Refusal('IDENTITY_NOT_PINNED', `holder ${name}`);
    }
  }
}
