/**
 * The only place that knows both an ErrorCode and an HTTP status. RFC 9457 documents out.
 *
 * A document has the code, its fixed sentence, and the public fields of the code: never `detail`,
 * never the message of an unexpected error. Those go to the operator's log.
 * @module
 */
import type { FastifyError } from 'fastify';
import { type Static, Type } from 'typebox';
import { type ErrorCode, type InputError, Refusal } from '../base/errors.ts';
import { inputCode, pointerTo } from '../base/input.ts';

export const STATUS = {
  INVALID_PARAMETER: 400,
  INVALID_STUDY: 400,
  RULE_REFUSED: 403,
  INVALID_QUERY: 400,
  OPERATION_NOT_ALLOWED: 403,
  DEPTH: 400,
  PLAINTEXT_RANGE: 400,
  ENCRYPTION_PARAMETERS: 400,
  NOISE_RANGE: 400,
  BUDGET_EXHAUSTED: 403,
  HOLDER_LIMIT_EXHAUSTED: 403,
  EPOCH_LIMIT_EXHAUSTED: 403,
  ANALYST_LIMIT_EXHAUSTED: 403,
  COUNTRY_LIMIT_EXHAUSTED: 403,
  DISCLOSURES_EXHAUSTED: 403,
  APPROVAL_PENDING: 409,
  APPROVAL_DENIED: 403,
  INVALID_GRANT: 400,
  GRANT_UNSIGNED: 403,
  GRANT_EXPIRED: 403,
  SELF_APPROVAL: 403,
  IMAGE_REJECTED: 400,
  IMAGE_UNSIGNED: 403,
  IMAGE_MISSING: 409,
  PLACE_UNAVAILABLE: 503,
  STUDY_UNSIGNED: 403,
  STUDY_UNKNOWN: 404,
  STUDY_EXPIRED: 403,
  STUDY_STOPPED: 403,
  STUDY_AMENDED: 409,
  STUDY_NARROWED: 403,
  AMENDMENT_REFUSED: 400,
  AMENDMENT_CONFLICT: 409,
  STEWARD_NOT_PINNED: 403,
  IDENTITY_NOT_PINNED: 403,
  SIGNATURE_REJECTED: 403,
  QUERY_EXPIRED: 403,
  QUERY_REPLAYED: 409,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  REPLAYED_REQUEST: 401,
  MALFORMED_MESSAGE: 400,
  UNSUPPORTED_VERSION: 400,
  SEQUENCE_CONFLICT: 409,
  PROTOCOL_STATE: 409,
  PLAN_MISMATCH: 409,
  SUM_REJECTED: 422,
  SHARE_REFUSED: 409,
  LEDGER_ROLLBACK: 409,
  LEDGER_CORRUPT: 500,
  PROOF_REJECTED: 422,
  LOG_FORKED: 409,
  RUN_ABORTED: 409,
  RUN_INCOMPLETE: 409,
  KEY_EPOCH: 409,
  SET_BACK: 409,
  HOLDER_UNREACHABLE: 503,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  ISSUER_UNREACHABLE: 502,
  INBOX_FULL: 503,
  OVERLOADED: 503,
  SHUTTING_DOWN: 503,
  SANDBOX_UNREACHABLE: 502,
  SANDBOX_RESPONSE: 502,
  // A holder's staff sees these; through the sandbox an analyst sees them as the fate of a run.
  DATA_DIRECTORY_BUSY: 503,
  DATABASE_UNREACHABLE: 503,
  DATA_DIRECTORY_DAMAGED: 500,
  KEY_FILE_MODE: 500,
  KEY_FILE_INVALID: 500,
  CONFIGURATION_INVALID: 500,
  COHORT_MISSING: 409,
  COHORT_UNREADABLE: 500,
  COHORT_EMPTY: 500,
  COHORT_COLUMN_MISSING: 500,
  COHORT_COLUMN_TWICE: 500,
  COHORT_UNIT_UNMAPPED: 500,
  COHORT_TOO_LARGE: 409,
  COHORT_CHANGED: 409,
  FILE_NOT_FOUND: 500,
  FILE_EXISTS: 500,
  FILE_NOT_REMOVED: 500,
  USAGE: 400,
  HOLDER_NOT_RUNNING: 503,
  PROCESS_FAILED: 500,
  KERNEL_REJECTED: 500,
  INTERNAL: 500,
} as const satisfies Record<ErrorCode, number>;

const Amount = Type.String();

/** Every field that a problem may have; the response schema of all errors. */
export const ProblemDocument = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  instance: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), code: Type.String() }))),
  holder: Type.Optional(Type.String()),
  rule: Type.Optional(Type.String()),
  cites: Type.Optional(Type.String()),
  epoch: Type.Optional(Type.Integer()),
  asked: Type.Optional(Type.Union([Amount, Type.Integer()])),
  spent: Type.Optional(Amount),
  left: Type.Optional(Amount),
  served: Type.Optional(Type.Array(Type.Integer())),
  holders: Type.Optional(Type.Array(Type.String())),
});

export type ProblemDocument = Static<typeof ProblemDocument>;

/** For the `response` of every route. */
export const PROBLEM_RESPONSES = { '4xx': ProblemDocument, '5xx': ProblemDocument } as const;

/** `instance` is the id of the request, or of the run whose fate this is. */
export function problemOf(refusal: Refusal, instance: string): ProblemDocument {
  return {
    type: `urn:kakehashi:problem:${refusal.code}`,
    title: refusal.message,
    status: STATUS[refusal.code],
    instance,
    // The schema above drops whatever is not a public field.
    ...(refusal.fields as object | undefined),
  };
}

/** What Fastify itself refuses, by its code. */
const FRAMEWORK: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_MESSAGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_MESSAGE',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
};

/** The refusal that a request ends with, whatever was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error as Refusal;
  const { code, validation, validationContext } = error as Partial<FastifyError>;
  if (validation !== undefined) {
    // A body is pointed into as it is; other parts of a request by their name.
    const base = validationContext === 'body' ? '' : `/${validationContext ?? ''}`;
    const errors = validation.map((one) => inputError(base, one));
    return new Refusal('INVALID_PARAMETER', `${base} schema`, { errors });
  }
  const known = FRAMEWORK[code ?? ''];
  if (known !== undefined) return new Refusal(known, code ?? '');
  return new Refusal('INTERNAL', 'unexpected', undefined, { cause: error });
}

type Finding = NonNullable<FastifyError['validation']>[number];

function inputError(base: string, { instancePath, keyword, params }: Finding): InputError {
  const missing = params['missingProperty'] ?? params['additionalProperty'];
  const at = base + instancePath;
  const pointer = typeof missing === 'string' ? pointerTo(at, missing) : at;
  return { pointer, code: inputCode(keyword) };
}
