/**
 * A problem document (RFC 9457) of this API as the refusal it stands for.
 *
 * The code must be one of ours, and the public fields must be those of the code: a stranger's
 * document becomes SANDBOX_RESPONSE, never a refusal that the sandbox did not mean. The sentence
 * is ours by the code; the title of the document is not shown.
 * @module
 */
import { type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { fromUtf8 } from '../../base/bytes.ts';
import { parseStrict } from '../../base/canonical-json.ts';
import { type ErrorCode, PUBLIC_MESSAGE, Refusal } from '../../base/errors.ts';

const TYPE = 'urn:kakehashi:problem:';
/** What a terminal shows as it is. */
const Text = Type.String({ maxLength: 1024, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' });

const Amounts = Type.Object({ holder: Text, asked: Text, spent: Text, left: Text });
const Asked = Type.Object({ holder: Text, asked: Text });
const Errors = Type.Object({
  errors: Type.Array(Type.Object({ pointer: Text, code: Text }), { maxItems: 1000 }),
});
const Versions = Type.Object({ asked: Type.Integer(), served: Type.Array(Type.Integer()) });
const Holders = Type.Object({ holders: Type.Array(Text, { maxItems: 64 }) });

/** The members that a code defines; see `PublicFields` in base/errors.ts. */
const FIELDS: Partial<Record<ErrorCode, TSchema>> = {
  BUDGET_EXHAUSTED: Amounts,
  ANALYST_LIMIT_EXHAUSTED: Amounts,
  COUNTRY_LIMIT_EXHAUSTED: Amounts,
  HOLDER_LIMIT_EXHAUSTED: Asked,
  EPOCH_LIMIT_EXHAUSTED: Asked,
  COHORT_MISSING: Type.Object({ holder: Text }),
  RULE_REFUSED: Type.Object({ holder: Text, rule: Text, cites: Text }),
  INVALID_PARAMETER: Errors,
  INVALID_STUDY: Errors,
  INVALID_QUERY: Errors,
  INVALID_GRANT: Errors,
  AMENDMENT_REFUSED: Errors,
  DEPTH: Errors,
  CONFIGURATION_INVALID: Errors,
  UNSUPPORTED_VERSION: Versions,
  KEY_EPOCH: Type.Object({ holder: Text, epoch: Type.Integer() }),
  HOLDER_UNREACHABLE: Holders,
};

const Document = Type.Object({
  type: Type.String(),
  instance: Type.Optional(Text),
  /** A holder tells its own staff what an analyst may not know. */
  reason: Type.Optional(Text),
});

const isCode = (text: string): text is ErrorCode => Object.hasOwn(PUBLIC_MESSAGE, text);

/** Only the declared members, so that nothing else of a document is repeated. */
function fieldsOf(code: ErrorCode, document: object): object | undefined {
  const schema = FIELDS[code];
  if (schema === undefined || !Check(schema, document)) return undefined;
  const names = Object.keys((schema as { properties?: object }).properties ?? {});
  const members = Object.entries(document).filter(([name]) => names.includes(name));
  return Object.fromEntries(members);
}

/** The refusal that `document` is, or undefined where it is no problem document of ours. */
export function refusalOfDocument(document: unknown, what: string): Refusal | undefined {
  if (!Check(Document, document)) return undefined;
  const { type, instance = '', reason } = document;
  const code = type.startsWith(TYPE) ? type.slice(TYPE.length) : '';
  if (!isCode(code)) return undefined;
  const detail = reason ?? `${what} ${instance}`.trim();
  return new Refusal<ErrorCode>(code, detail, fieldsOf(code, document) as Refusal['fields']);
}

/** The refusal in an answer that is not a success, or SANDBOX_RESPONSE: a proxy or a crash answered. */
export function refusalOfResponse(response: {
  readonly status: number;
  readonly body: Uint8Array;
}): Refusal {
  const what = `status ${response.status}`;
  try {
    const refusal = refusalOfDocument(parseStrict(fromUtf8(response.body)), what);
    if (refusal !== undefined) return refusal;
  } catch {
    // Not JSON: said below.
  }
  return new Refusal('SANDBOX_RESPONSE', what);
}
