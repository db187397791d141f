/**
 * Studies at the sandbox: taken in only when every holder approved them and every identity is
 * the one this sandbox is configured with, then handed to every holder, which decides again for
 * itself. The sandbox's word counts for nothing there.
 * @module
 */
import { canonicalBytes, canonicalJson, type Json, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import type { SandboxStudies } from '../engine/stores/sandbox-studies.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Statements } from '../engine/stores/store.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import type { Clock } from '../flows/ports.ts';
import {
  readPartlySigned,
  readSignedStudy,
  type SignedStudy,
  type Study,
} from '../flows/study-terms.ts';
import { isComplete, isNarrowing } from '../study/narrowing.ts';
import { checkRules } from '../study/rules/evaluate.ts';
import { checkSigned } from '../study/signatures.ts';
import { checkLive } from '../study/terms.ts';
import { versionOf } from '../study/versions.ts';
import { deliver } from './deliver.ts';
import type { StudyLog } from './study-log.ts';
import type { Wakeups } from './wakeups.ts';

export type StudiesOptions = {
  readonly store: SandboxStore;
  readonly studies: SandboxStudies;
  readonly frames: SandboxFrames;
  /** The identity keys that this sandbox relays for, by holder. */
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  /** Whose key studies must name where a program runs here. */
  readonly operator: PublicKeyText | undefined;
  readonly clock: Clock;
  readonly wakeups: Wakeups;
  readonly record: Pick<StudyLog, 'study' | 'amendment'>;
};

/** What each holder said about a study, its last word. */
export type Consent = {
  readonly accepted: Readonly<Record<string, boolean>>;
  /** The code by which a holder refused. */
  readonly refused: Readonly<Record<string, string>>;
};

/** The version that was sent, and whether it is in force or only narrows until it is. */
export type Amended = Pick<Study, 'agreement' | 'version'> & {
  readonly state: 'amended' | 'narrowed';
};

export class Studies {
  readonly #options: StudiesOptions;
  readonly #read = new Map<Digest, Study>();

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  /** Checks a signed study in full, without keeping it. */
  read(json: Json): Study {
    const study = readSignedStudy(json);
    checkLive(study, this.#options.clock.now());
    checkRules(study);
    for (const { name, identity } of study.holders) {
      const known = this.#options.holders.get(name) === identity;
      check(known, 'IDENTITY_NOT_PINNED', `holder ${name}`);
    }
    for (const { sandbox } of study.images) {
      const ours = sandbox === undefined || sandbox.key === this.#options.operator;
      check(ours, 'IDENTITY_NOT_PINNED', 'operator of the sandbox');
    }
    return study;
  }

  /** Keeps a study that `read` returned and tells its holders, once. */
  async keep(study: Study, json: Json): Promise<void> {
    const { store, studies, frames, wakeups, record } = this.#options;
    const holders = study.holders.map(({ name }) => name);
    check(study.version === 1, 'STUDY_UNKNOWN', 'a later version of a study that is not here');
    const kept = await store.immediate(async (tx) => {
      const { agreement = study.id } = (await studies.present(study.id, tx)) ?? {};
      check(agreement === study.id, 'STUDY_AMENDED', study.id);
      if (!(await studies.keep(tx, study.id, canonicalJson(json)))) return false;
      await record.study(tx, study.id, readPartlySigned(json));
      const body = canonicalBytes(json);
      await deliver(frames, tx, { study: study.id, run: study.id, kind: 'study', body }, holders);
      return true;
    });
    if (!kept) return;
    stepDone(study.id, 'study');
    for (const holder of holders) wakeups.wake(`inbox/${holder}`);
  }

  /**
   * Takes an amended version in, or hands a narrowing round. Of two amendments of one version the first that is
   * complete wins: the other is refused with AMENDMENT_CONFLICT. Refuses with STUDY_AMENDED an earlier version,
   * with STUDY_UNSIGNED one that neither stands nor narrows. Idempotent.
   */
  async amend(id: Digest, json: Json): Promise<Amended> {
    const signed = readPartlySigned(json);
    const { study } = signed;
    check(study.id === id && study.version > 1, 'CONFLICT', 'not a later version of this study');
    const narrowing = !isComplete(signed) && isNarrowing(signed);
    if (!narrowing) this.read(json);
    else for (const version of signed.history ?? []) checkSigned(version);
    const told = await this.#options.store.immediate(async (tx) => {
      const present = await this.get(id, tx);
      if (present.agreement === study.agreement) return false;
      const earlier = versionOf(present, study.agreement) !== undefined;
      check(!earlier, 'STUDY_AMENDED', `version ${present.version} is in force`);
      const next = study.previous?.agreement === present.agreement;
      check(next, 'AMENDMENT_CONFLICT', `not of version ${present.version}`);
      await this.checkOpen(present, tx);
      return this.#enter(tx, signed, json, narrowing);
    });
    if (told) {
      stepDone(study.agreement, narrowing ? 'narrowing' : 'amendment');
      for (const { name } of study.holders) this.#options.wakeups.wake(`inbox/${name}`);
    }
    const { agreement, version } = study;
    return { agreement, version, state: narrowing ? 'narrowed' : 'amended' };
  }

  async #enter(
    tx: Statements,
    signed: SignedStudy,
    json: Json,
    narrowing: boolean,
  ): Promise<boolean> {
    const { studies, frames, record } = this.#options;
    const { study } = signed;
    const { id, agreement } = study;
    if (narrowing && (await frames.ofKinds(agreement, ['study'], tx)).length > 0) return false;
    if (!narrowing) await studies.amend(tx, study, canonicalJson(json));
    await record.amendment(tx, signed, narrowing ? 'narrowing' : 'amendment');
    const holders = study.holders.map(({ name }) => name);
    const body = canonicalBytes(json);
    await deliver(frames, tx, { study: id, run: agreement, kind: 'study', body }, holders);
    return true;
  }

  /** The version in force, by the digest of any version. Refuses with STUDY_UNKNOWN. */
  async get(named: Digest, on?: Statements): Promise<Study> {
    const present = await this.#options.studies.present(named, on);
    check(present !== undefined, 'STUDY_UNKNOWN', named);
    const { id, agreement } = present;
    let study = this.#read.get(id);
    if (study?.agreement !== agreement) {
      study = readSignedStudy(await this.signed(id, on));
      this.#read.set(id, study);
    }
    return study;
  }

  /** As it was received. */
  async signed(id: Digest, on?: Statements): Promise<Json> {
    const signed = await this.#options.studies.signed(id, on);
    check(signed !== undefined, 'STUDY_UNKNOWN', id);
    return parseStrict(signed);
  }

  ids(): Promise<Digest[]> {
    return this.#options.studies.ids();
  }

  /** Digests of every version of every study. */
  versions(): Promise<Digest[]> {
    return this.#options.studies.versions();
  }

  async all(): Promise<Study[]> {
    return Promise.all((await this.ids()).map((id) => this.get(id)));
  }

  /** About the version in force; a stop is about all of them. */
  async consent(study: Study, on?: Statements): Promise<Consent> {
    const words = await this.#words(study.agreement, on);
    const ofAll = study.agreement === study.id ? [] : await this.#words(study.id, on);
    const stopped = (from: string): boolean =>
      ofAll.some(
        (word) =>
          word.from === from &&
          word.kind === 'refusal' &&
          decodeRefusal(word.body, from).code === 'STUDY_STOPPED',
      );
    const accepted: Record<string, boolean> = {};
    const refused: Record<string, string> = {};
    for (const { name } of study.holders) {
      const last = words.findLast(({ from }) => from === name);
      accepted[name] = last?.kind === 'accepted';
      if (last?.kind === 'refusal') refused[name] = decodeRefusal(last.body, name).code;
      if (stopped(name)) refused[name] = 'STUDY_STOPPED';
    }
    return { accepted, refused };
  }

  /** Refuses with STUDY_STOPPED or STUDY_EXPIRED what starts no new run. */
  async checkOpen(study: Study, on?: Statements): Promise<void> {
    const { refused } = await this.consent(study, on);
    const stopped = Object.values(refused).includes('STUDY_STOPPED');
    check(!stopped, 'STUDY_STOPPED', study.id);
    checkLive(study, this.#options.clock.now());
  }

  #words(agreement: Digest, on?: Statements) {
    return this.#options.frames.ofKinds(agreement, ['accepted', 'refusal'], on);
  }
}
