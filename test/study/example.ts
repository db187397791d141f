/** The study of test/examples with keys of which the test holds the private part. */
import { readFileSync } from 'node:fs';
import { type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { parseStudy, type Study } from '../../src/study/agreement.ts';
import { fillDraft } from '../../src/cli/fill-draft.ts';

export type JsonObject = Record<string, Json>;

export const exampleDraft = (): JsonObject =>
  parseStrict(
    readFileSync(new URL('../examples/study.json', import.meta.url), 'utf8'),
  ) as JsonObject;

/** Takes any section: what a cohort section is, is tested in test/cohort. */
export const anyCohort = (section: Json): Json => section;

export const KEYS = {
  lu: { identity: SigningKey.generate(), steward: SigningKey.generate() },
  jp: { identity: SigningKey.generate(), steward: SigningKey.generate() },
  analyst: SigningKey.generate(),
  stranger: SigningKey.generate(),
};

export const keyedDraft = (): JsonObject =>
  fillDraft(exampleDraft(), {
    identities: new Map([
      ['lu', KEYS.lu.identity.publicText],
      ['jp', KEYS.jp.identity.publicText],
    ]),
    stewards: new Map([
      ['lu', [KEYS.lu.steward.publicText]],
      ['jp', [KEYS.jp.steward.publicText]],
    ]),
    analysts: new Map([['ana', KEYS.analyst.publicText]]),
  }) as JsonObject;

export const keyedStudy = (change: JsonObject = {}): Study<Json> =>
  parseStudy({ ...keyedDraft(), ...change }, anyCohort);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** One leaf of a JSON value changed (strings at every `stride`th place), one member gone, or one more. */
export function* tampered(value: Json, stride = 1): Generator<Json> {
  if (typeof value === 'string') {
    yield `${value}x`;
    for (let i = 0; i < value.length; i += stride) {
      const other = value[i] === 'A' ? 'B' : 'A';
      yield value.slice(0, i) + other + value.slice(i + 1);
    }
  } else if (typeof value === 'number') {
    yield value + 1;
    yield -value - 1;
  } else if (value === null || typeof value === 'boolean') {
    yield value === null ? false : !value;
  } else if (isList(value)) {
    const items = value;
    yield [...items, null];
    for (const [i, item] of items.entries()) {
      yield items.filter((_, j) => j !== i);
      for (const changed of tampered(item, stride))
        yield items.map((old, j) => (j === i ? changed : old));
    }
  } else {
    const members = Object.entries(value);
    yield { ...value, extra: 1 };
    for (const [name, item] of members) {
      yield Object.fromEntries(members.filter(([other]) => other !== name));
      for (const changed of tampered(item, stride)) yield { ...value, [name]: changed };
    }
  }
}
