/**
 * A linked query (`kakehashi/linked-query/1`): a query about the people whom two holders both have, where
 * one of them knows the group of a person and the other the values. It is written like any query;
 * which holder has which column stands in the study. `between` names the two where there are more.
 *
 * Each person counts with one row at either holder: the one that `per` asks for, else any of them.
 *
 * With `disclose` the two holders are told more than the released number, each about its own people: who is in both,
 * how many exactly, or ids for them. Such a query counts everybody in both and nothing else, for what is
 * disclosed depends on that count alone (disclosure.ts).
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Json } from '../../base/canonical-json.ts';
import { Refusal } from '../../base/errors.ts';
import { shapeErrors } from '../../base/input.ts';
import { QUERY_FORMAT } from '../query-shape.ts';
import { type Disclosed, DISCLOSURES } from './disclosure.ts';

const LINKED_FORMAT = 'kakehashi/linked-query/1';

const Linking = Type.Object({
  between: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 31 }), { minItems: 2, maxItems: 2 }),
  ),
  disclose: Type.Optional(Type.Enum([...DISCLOSURES])),
});

export type LinkedQuestion = {
  /** The rest, as a query of its own. */
  readonly plain: Json;
  readonly between: readonly string[] | undefined;
  readonly disclose: Disclosed | undefined;
  /** Whether the query says itself which row of a person counts. */
  readonly chosen: boolean;
};

const isRecord = (json: Json): json is Record<string, Json> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Undefined for a query that is not linked. Refuses with INVALID_QUERY. */
export function linkedQuestion(json: Json): LinkedQuestion | undefined {
  if (!isRecord(json) || json['format'] !== LINKED_FORMAT) return undefined;
  const errors = shapeErrors(Linking, json);
  if (errors.length > 0) throw new Refusal('INVALID_QUERY', 'shape', { errors });
  const { between, disclose } = json as Static<typeof Linking>;
  const rest = Object.entries(json).filter(([key]) => key !== 'between' && key !== 'disclose');
  return {
    plain: { per: { pick: 'any' }, ...Object.fromEntries(rest), format: QUERY_FORMAT },
    between,
    disclose,
    chosen: Object.hasOwn(json, 'per'),
  };
}
