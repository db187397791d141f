/**
 * What the sandbox answers, as far as the client reads it. Unknown members are left alone: a newer
 * sandbox may say more. What does not fit is no answer (SANDBOX_RESPONSE).
 * @module
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { fromUtf8 } from '../base/bytes.ts';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { PriceShape } from '../engine/transport/answer-shapes.ts';
import { RUN_STATES } from '../flows/ports.ts';

const Id = Type.String({ pattern: DIGEST_PATTERN.source });
const Name = Type.String({ pattern: NAME_PATTERN.source });
const Code = Type.String({ pattern: '^[A-Z_]{1,64}$' });
const Natural = Type.Integer({ minimum: 0 });

const State = Type.Enum(RUN_STATES);

export const SubmittedStudy = Type.Object({ study: Id });
export const AmendedStudy = Type.Object({
  study: Id,
  agreement: Id,
  version: Natural,
  state: Type.Enum(['amended', 'narrowed']),
});

/** Lists come in pages: `next` is the cursor of the one behind. */
const next = Type.Union([Id, Type.Null()]);

export const StudyPage = Type.Object({
  studies: Type.Array(Type.Object({ study: Id, title: Type.String(), expires: Type.String() })),
  next,
});

export const QueryPage = Type.Object({
  queries: Type.Array(Type.Object({ query: Id, analyst: Type.String(), asked: Type.Unknown() })),
  next,
});

export const RunPage = Type.Object({
  runs: Type.Array(Type.Object({ run: Id, query: Id, state: State })),
  next,
});

export const StudyAnswer = Type.Object({
  study: Id,
  signed: Type.Object({
    study: Type.Unknown(),
    signatures: Type.Array(Type.Unknown()),
    history: Type.Optional(Type.Array(Type.Unknown())),
  }),
  accepted: Type.Record(Type.String(), Type.Boolean()),
  refused: Type.Optional(Type.Record(Type.String(), Code)),
});

export const LogStatements = Type.Object({
  from: Natural,
  statements: Type.Array(Type.Unknown()),
});

export const LogEntries = Type.Object({
  from: Natural,
  entries: Type.Array(Type.Object({ entry: Type.Unknown(), salt: Type.String() })),
  size: Natural,
});

export const LogCheckpoints = Type.Object({ checkpoints: Type.Array(Type.String()) });

export const QueryAnswer = Type.Object({
  query: Id,
  study: Id,
  state: State,
  price: PriceShape,
  cells: Natural,
  plan: Id,
  /** The run that has released this query before: asking again is free. */
  released: Type.Union([Id, Type.Null()]),
});

export const StartedRun = Type.Object({ run: Id, state: State });

export const RunAnswer = Type.Object({
  run: Id,
  query: Id,
  study: Id,
  state: State,
  problem: Type.Optional(Type.Unknown()),
  holders: Type.Array(
    Type.Object({
      name: Name,
      step: Type.Union([Type.String(), Type.Null()]),
      lastSeen: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});

export type StudyAnswer = Static<typeof StudyAnswer>;
export type StudyPage = Static<typeof StudyPage>;
export type QueryPage = Static<typeof QueryPage>;
export type RunPage = Static<typeof RunPage>;
export type QueryAnswer = Static<typeof QueryAnswer>;
export type StartedRun = Static<typeof StartedRun>;
export type RunAnswer = Static<typeof RunAnswer>;

/** The body of a successful answer, or SANDBOX_RESPONSE. */
export function readAnswer<Schema extends TSchema>(
  schema: Schema,
  body: Uint8Array,
  what: string,
): Static<Schema> {
  const json = readJsonAnswer(body, what);
  check(Check(schema, json), 'SANDBOX_RESPONSE', `${what}: shape`);
  return json;
}

function readJsonAnswer(body: Uint8Array, what: string): Json {
  try {
    return parseStrict(fromUtf8(body));
  } catch (cause) {
    throw new Refusal('SANDBOX_RESPONSE', `${what}: not JSON`, undefined, { cause });
  }
}
