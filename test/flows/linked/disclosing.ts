/** A linked run of two holders of 300 people, of whom 150 are the same, and what each was told by agreement. */
import {
  decodeDisclosed,
  DISCLOSED_STEP,
  disclosedLabel,
  type DisclosedPeople,
} from '../../../src/flows/linked/disclosed.ts';
import type { CompiledRun } from '../../../src/flows/pooled/compile-run.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { keyOf, type LinkedLab, type People } from '../../support/linked-lab.ts';
import { cohorts } from './cohorts.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const pieces = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length / 16 }, (_, i) => hex(bytes.subarray(16 * i, 16 * i + 16)));

/** Of the holder of the groups, who has people 0 to 299, and of the other, who has 150 to 449. */
type Told = readonly [DisclosedPeople, DisclosedPeople];

async function told(lab: LinkedLab, { run }: CompiledRun): Promise<Told> {
  const of = async ({ steps, vault }: LinkedLab['a']): Promise<DisclosedPeople> => {
    const locked = await steps.once(run, DISCLOSED_STEP, () => Promise.reject(new Error('none')));
    using opened = vault.unlock(disclosedLabel(run), locked);
    return decodeDisclosed(opened.expose());
  };
  // Where no column decides, the first by name has the groups: jp.
  return [await of(lab.b), await of(lab.a)];
}

export async function disclosed(lab: LinkedLab, output: string, people: People = cohorts()) {
  const run = lab.disclosingRun(output);
  const { body } = await lab.release(people, ExactNoise, undefined, run);
  return { run, body, told: () => told(lab, run) };
}

export const both = Array.from({ length: 150 }, (_, i) => hex(keyOf(150 + i)));
