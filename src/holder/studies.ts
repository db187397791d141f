/**
 * Which studies this holder takes part in (rulings 35, 36), and which version of each is in force here: only
 * one that its own stewards and those of every other holder signed, in which every identity key is the one
 * pinned here.
 *
 * Adversary   the sandbox, which can keep an amendment back, send an old version again, or send two amendments of
 *             one version, each with every signature. The first that is booked in the ledger stands, the
 *             other is refused with AMENDMENT_CONFLICT; holders that were shown different ones refuse each other's
 *             queries, free, until their stewards stop the study.
 * @module
 */
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { HolderNarrowings } from '../engine/stores/holder-narrowings.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { CompiledRun, RunRequest } from '../flows/pooled/compile-run.ts';
import { narrowRun } from '../flows/pooled/narrow-run.ts';
import type { Clock } from '../flows/ports.ts';
import {
  readPartlySigned,
  readSignedStudy,
  type SignedStudy,
  type Study,
} from '../flows/study-terms.ts';
import type { StudyBudget } from '../study/agreement.ts';
import { isComplete, isNarrowing } from '../study/narrowing.ts';
import { checkRules } from '../study/rules/evaluate.ts';
import { checkSigned, verifySigned } from '../study/signatures.ts';
import { checkLive } from '../study/terms.ts';
import { versionOf, versionsOf } from '../study/versions.ts';
import { checkPins, type Pins } from './study-pins.ts';

export type StudiesOptions = Pins & {
  readonly runs: HolderRuns;
  readonly narrowings?: HolderNarrowings;
  readonly ledger: Pick<StoredLedger, 'grant' | 'amend' | 'account'>;
  readonly clock: Clock;
  /** Encrypted columns of the version before answer nothing more. */
  readonly retireColumns?: (study: Digest) => Promise<unknown>;
};

export class Studies {
  readonly #options: StudiesOptions;
  readonly #read = new Map<Digest, { readonly signed: string; readonly study: Study }>();

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  /**
   * Checks a signed study, keeps it and books what it grants; the same of every version behind the one that
   * is in force. Idempotent. Where `id` is given, another study is refused with MALFORMED_MESSAGE before anything
   * is kept. `known`: by this holder's own word it was accepted before, whatever expired, was revoked or became a
   * rule since; its pins are the caller's to check (recovery-studies.ts).
   */
  async accept(
    body: Uint8Array,
    id?: Digest,
    { known = false }: { readonly known?: boolean } = {},
  ): Promise<Study> {
    const text = fromUtf8(body);
    const signed = readPartlySigned(parseStrict(text));
    const { study } = signed;
    check(id === undefined || id === study.id, 'MALFORMED_MESSAGE', 'frame of another study');
    verifySigned(signed);
    const present = await this.#present(study, known);
    if (!known) {
      checkLive(study, this.#options.clock.now());
      checkRules(study);
      this.checkPins(study);
      const again = present?.agreement === study.agreement;
      if (!again) checkSigned(signed, this.#options.revoked);
    }
    await this.#book(study);
    await this.#keep(study, text, present);
    return study;
  }

  /**
   * The version in force of a study. Refuses with STUDY_AMENDED where `study` is an earlier one, with
   * AMENDMENT_CONFLICT where it does not come behind, with STUDY_STOPPED where it is to change what was stopped, and it is not `known` to have been accepted before.
   */
  async #present(study: Study, known = false): Promise<Study | undefined> {
    const stored = await this.#options.runs.study(study.id);
    if (stored === undefined) return undefined;
    const present = this.#stored(study.id, stored.signed);
    if (present.agreement === study.agreement) return present;
    const earlier = versionOf(present, study.agreement) !== undefined;
    check(!earlier, 'STUDY_AMENDED', `version ${present.version} is in force`);
    const behind = versionOf(study, present.agreement) !== undefined;
    check(behind, 'AMENDMENT_CONFLICT', `not behind version ${present.version}`);
    check(known || stored.state !== 'stopped', 'STUDY_STOPPED', study.id);
    return present;
  }

  #budget(version: Study): StudyBudget {
    const budget = version.budget.get(this.#options.holder);
    check(budget !== undefined, 'INVALID_STUDY', 'no budget for this holder');
    return budget;
  }

  /** Keeps a first version that was accepted before, and books nothing: `grants` is for the ledger's restore. */
  async know(body: Uint8Array, id: Digest): Promise<void> {
    const text = fromUtf8(body);
    const study = readSignedStudy(parseStrict(text));
    check(study.id === id && study.version === 1, 'MALFORMED_MESSAGE', 'another study');
    await this.#options.runs.keepStudy(id, text);
  }

  /** What each study grants here as it began. */
  async grants(): Promise<ReadonlyMap<Digest, StudyBudget>> {
    const grants = new Map<Digest, StudyBudget>();
    for (const { id, signed } of await this.#options.runs.studies()) {
      const first = versionOf(this.#stored(id, signed), id);
      if (first !== undefined) grants.set(id, this.#budget(first));
    }
    return grants;
  }

  /** Every version behind the one that the ledger has, in turn. */
  async #book(study: Study): Promise<void> {
    const { ledger } = this.#options;
    const [first, ...later] = [...versionsOf(study)].reverse();
    check(first !== undefined, 'INTERNAL', 'a study without a version');
    await ledger.grant(study.id, this.#budget(first));
    stepDone(study.id, 'study/grant');
    const { agreement: booked } = await ledger.account(study.id);
    const at = [first, ...later].findIndex(({ agreement }) => agreement === booked);
    check(at >= 0, 'AMENDMENT_CONFLICT', 'the ledger has another version');
    for (const version of later.slice(at)) {
      const from = version.previous?.agreement ?? study.id;
      await ledger.amend(study.id, { from, to: version.agreement }, this.#budget(version));
      stepDone(version.agreement, 'study/amend');
    }
  }

  async #keep(study: Study, text: string, present: Study | undefined): Promise<void> {
    const { runs, retireColumns } = this.#options;
    if (present !== undefined && present.agreement !== study.agreement) {
      const retire = present.basis === study.basis ? undefined : retireColumns;
      await retire?.(study.id);
      await runs.amendStudy(study.id, text);
      await retire?.(study.id); // an upload may have come to its end in between
    } else await runs.keepStudy(study.id, text);
    stepDone(study.agreement, 'study/keep');
  }

  /**
   * A study as it is handed round: accepted where every holder's stewards signed, else kept as a narrowing of the
   * version in force, from now on. Refuses with STUDY_UNSIGNED what is neither.
   */
  async take(body: Uint8Array, id?: Digest): Promise<'accepted' | 'narrowed'> {
    const { narrowings, revoked } = this.#options;
    const text = fromUtf8(body);
    const signed = readPartlySigned(parseStrict(text));
    const { study } = signed;
    if (narrowings === undefined || isComplete(signed, revoked) || !isNarrowing(signed, revoked)) {
      await this.accept(body, id);
      return 'accepted';
    }
    check(id === undefined || id === study.id, 'MALFORMED_MESSAGE', 'frame of another study');
    const present = await this.#present(study);
    check(present !== undefined, 'STUDY_UNKNOWN', study.id);
    const next = study.previous?.agreement === present.agreement;
    check(next, 'AMENDMENT_CONFLICT', `not of version ${present.version}`);
    await narrowings.keep({ study: study.id, agreement: study.agreement, signed: text });
    stepDone(study.agreement, 'study/narrowed');
    return 'narrowed';
  }

  /** What narrows the version in force, as some have signed it. */
  async signedNarrowings(present: Study): Promise<SignedStudy[]> {
    const signed = (await this.#options.narrowings?.of(present.id)) ?? [];
    return signed
      .map((text) => readPartlySigned(parseStrict(text)))
      .filter(({ study }) => study.previous?.agreement === present.agreement);
  }

  /** What narrows the version in force. */
  async narrowings(present: Study): Promise<Study[]> {
    return (await this.signedNarrowings(present)).map(({ study }) => study);
  }

  /** A run before it is reserved, with what narrowings leave of it (flows/pooled/narrow-run.ts). */
  async narrow(run: CompiledRun, request: RunRequest): Promise<CompiledRun> {
    const present = await this.open(run.study);
    const asked = run.amended?.agreement ?? run.study;
    check(asked === present.agreement, 'STUDY_AMENDED', `version ${present.version} is in force`);
    const now = this.#options.clock.now();
    return (await this.narrowings(present)).reduce(
      (left, narrower) => narrowRun(left, { present, narrower }, request, now),
      run,
    );
  }

  /** An accepted study, neither stopped nor expired, all of whose keys are still pinned here. */
  async open(id: Digest): Promise<Study> {
    const stored = await this.#options.runs.study(id);
    check(stored !== undefined, 'STUDY_UNKNOWN', id);
    check(stored.state !== 'stopped', 'STUDY_STOPPED', id);
    const study = this.#stored(id, stored.signed);
    checkLive(study, this.#options.clock.now());
    // A key that was taken out of the configuration since is not trusted for an old study either.
    this.checkPins(study);
    return study;
  }

  /** An accepted study in whatever state. */
  async any(id: Digest): Promise<Study> {
    const stored = await this.#options.runs.study(id);
    check(stored !== undefined, 'STUDY_UNKNOWN', id);
    return this.#stored(id, stored.signed);
  }

  /** Keys of a holder's stewards whose word counts: of the version in force and not revoked here. */
  async stewards(id: Digest, holder: string): Promise<PublicKeyText[]> {
    const { revoked = [] } = this.#options;
    const { holders } = await this.any(id);
    const keys = holders.find(({ name }) => name === holder)?.stewards.keys ?? [];
    return keys.filter((key) => !revoked.includes(key));
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
    const read = this.#read.get(id);
    if (read?.signed === signed) return read.study;
    const study = readSignedStudy(parseStrict(signed));
    this.#read.set(id, { signed, study });
    return study;
  }

  /** Refuses a study of other keys than are trusted here (study-pins.ts). */
  checkPins(study: Study): void {
    checkPins(study, this.#options);
  }
}
