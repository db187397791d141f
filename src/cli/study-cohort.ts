/** The cohort section of a study file that may still lack every key: what a holder's data must be. @module */
import { check, Refusal } from '../base/errors.ts';
import { type CohortSection, parseCohortSection } from '../cohort/schema.ts';
import { holderNames } from './fill-draft.ts';
import { type Io, readJson } from './io.ts';
import { draftOf } from './study-file.ts';

export type HolderSection = { readonly holder: string; readonly section: CohortSection };

/** The holder whose columns are meant; a study with one holder needs no name. */
function chosenHolder(names: readonly string[], given: string | undefined): string {
  const name = given ?? (names.length === 1 ? names[0] : undefined);
  check(name !== undefined, 'USAGE', `--holder is one of ${names.join(', ')}`);
  check(names.includes(name), 'USAGE', `the study has no holder ${name}`);
  return name;
}

/** Reads a draft, with or without keys, or a signed study. */
export async function readHolderSection(
  io: Io,
  path: string,
  given: string | undefined,
): Promise<HolderSection> {
  const draft = draftOf(await readJson(io, path, 'INVALID_STUDY'));
  const names = holderNames(draft);
  const holder = chosenHolder(names, given);
  const { cohort = null } = draft as Readonly<Record<string, Parameters<typeof draftOf>[0]>>;
  try {
    return { holder, section: parseCohortSection(cohort, names) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'INVALID_STUDY') throw error;
    const { errors = [] } = (error as Refusal<'INVALID_STUDY'>).fields ?? {};
    throw new Refusal('INVALID_STUDY', 'cohort section', {
      errors: errors.map(({ pointer, code }) => ({ pointer: `/cohort${pointer}`, code })),
    });
  }
}
