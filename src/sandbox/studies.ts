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
import type { SandboxFrames } from '../engine/sqlite/sandbox-frames.ts';
import type { SandboxStore } from '../engine/sqlite/sandbox-store.ts';
import type { SandboxStudies } from '../engine/sqlite/sandbox-studies.ts';
import { stepDone } from '../engine/sqlite/step-channel.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import type { Clock } from '../flows/ports.ts';
import { readPartlySigned, readSignedStudy, type Study } from '../flows/study-terms.ts';
import { checkLive } from '../study/terms.ts';
import { deliver } from './deliver.ts';
import type { StudyLog } from './study-log.ts';
import type { Wakeups } from './wakeups.ts';

export type StudiesOptions = {
  readonly store: SandboxStore;
  readonly studies: SandboxStudies;
  readonly frames: SandboxFrames;
  /** The identity keys that this sandbox relays for, by holder. */
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  readonly clock: Clock;
  readonly wakeups: Wakeups;
  readonly record: Pick<StudyLog, 'study'>;
};

/** What each holder said about a study, its last word. */
export type Consent = {
  readonly accepted: Readonly<Record<string, boolean>>;
  /** The code by which a holder refused. */
  readonly refused: Readonly<Record<string, string>>;
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
    for (const { name, identity } of study.holders) {
      const known = this.#options.holders.get(name) === identity;
      check(known, 'IDENTITY_NOT_PINNED', `holder ${name}`);
    }
    return study;
  }

  /** Keeps a study that `read` returned and tells its holders, once. */
  keep(study: Study, json: Json): void {
    const { store, studies, frames, wakeups, record } = this.#options;
    const holders = study.holders.map(({ name }) => name);
    const kept = store.immediate((tx) => {
      if (!studies.keep(tx, study.id, canonicalJson(json))) return false;
      record.study(tx, study.id, readPartlySigned(json));
      const body = canonicalBytes(json);
      deliver(frames, tx, { study: study.id, run: study.id, kind: 'study', body }, holders);
      return true;
    });
    if (!kept) return;
    stepDone(study.id, 'study');
    for (const holder of holders) wakeups.wake(`inbox/${holder}`);
  }

  /** Refuses with STUDY_UNKNOWN. */
  get(id: Digest): Study {
    let study = this.#read.get(id);
    if (study === undefined) {
      study = readSignedStudy(this.signed(id));
      this.#read.set(id, study);
    }
    return study;
  }

  /** As it was received. */
  signed(id: Digest): Json {
    const signed = this.#options.studies.signed(id);
    check(signed !== undefined, 'STUDY_UNKNOWN', id);
    return parseStrict(signed);
  }

  ids(): Digest[] {
    return this.#options.studies.ids();
  }

  all(): Study[] {
    return this.ids().map((id) => this.get(id));
  }

  consent(study: Study): Consent {
    const accepted: Record<string, boolean> = {};
    const refused: Record<string, string> = {};
    for (const { name } of study.holders) {
      const last = this.#words(study).findLast(({ from }) => from === name);
      accepted[name] = last?.kind === 'accepted';
      if (last?.kind === 'refusal') refused[name] = decodeRefusal(last.body, name).code;
    }
    return { accepted, refused };
  }

  /** Refuses with STUDY_STOPPED or STUDY_EXPIRED what starts no new run. */
  checkOpen(study: Study): void {
    const stopped = Object.values(this.consent(study).refused).includes('STUDY_STOPPED');
    check(!stopped, 'STUDY_STOPPED', study.id);
    checkLive(study, this.#options.clock.now());
  }

  #words({ id }: Study) {
    return this.#options.frames.ofKinds(id, ['accepted', 'refusal']);
  }
}
