/**
 * Every way this code base refuses. One code, one fixed public sentence.
 *
 * `message` comes from the table below and never from data, so an error can cross a trust
 * boundary without carrying any. `detail` is for the operator's log: sizes, indices and ids,
 * never record values, keys or shares. The HTTP status of a code lives in sandbox/problem.ts,
 * the exit code in cli/exit.ts.
 * @module
 */

export const PUBLIC_MESSAGE = {
  // what a person asked for
  INVALID_PARAMETER: 'A parameter is outside its documented range.',
  INVALID_STUDY: 'The study is not a valid study of this version.',
  RULE_REFUSED: 'The study breaks a rule of the jurisdiction of one of its holders.',
  INVALID_QUERY: 'The query is not a valid query of this version.',
  OPERATION_NOT_ALLOWED: 'The study does not allow this operation.',
  DEPTH: 'Encrypted columns are multiplied once at most; upload the conjunction as an indicator.',
  PLAINTEXT_RANGE: 'The largest possible sum does not fit the encryption parameters.',
  ENCRYPTION_PARAMETERS: 'The encryption parameters do not reach the required security.',
  NOISE_RANGE: 'The noise asked for is outside the range that can be sampled exactly.',
  BUDGET_EXHAUSTED: 'The privacy budget does not cover this release.',
  HOLDER_LIMIT_EXHAUSTED: 'The holder limit over all studies does not cover this release.',
  EPOCH_LIMIT_EXHAUSTED: 'The limit of the people in a cohort does not cover this release.',
  ANALYST_LIMIT_EXHAUSTED: 'The allowance of this analyst does not cover this release.',
  COUNTRY_LIMIT_EXHAUSTED: 'The limit of a jurisdiction does not cover this release.',
  DISCLOSURES_EXHAUSTED: 'The study allows no further query that discloses who is in both.',
  APPROVAL_PENDING: 'The query waits until stewards have approved it.',
  APPROVAL_DENIED: 'A steward denied the query.',
  INVALID_GRANT: 'The grant is not a valid grant of this version.',
  GRANT_UNSIGNED: 'Two stewards of every holder must sign a grant.',
  GRANT_EXPIRED: 'The grant has expired.',
  SELF_APPROVAL: 'Nobody approves an own proposal.',
  IMAGE_REJECTED: 'The image is not one that this version runs.',
  IMAGE_UNSIGNED: 'The image lacks a signature that the study asks for.',
  IMAGE_MISSING: 'An image of the study has not been pushed to the sandbox.',
  PLACE_UNAVAILABLE: 'The sandbox does not run the image, or did not answer in time.',
  // agreement and identity
  STUDY_UNSIGNED: 'A steward of every holder must sign the study first.',
  STUDY_UNKNOWN: 'The study is not known here.',
  STUDY_EXPIRED: 'The study has expired.',
  STUDY_STOPPED: 'A steward has stopped the study.',
  STUDY_AMENDED: 'The study was amended and an earlier version of it is not taken any more.',
  STUDY_NARROWED:
    'Stewards of a holder have narrowed the study and it does not allow this any more.',
  AMENDMENT_REFUSED: 'An amendment cannot change this, which takes a new study.',
  AMENDMENT_CONFLICT: 'Another amendment of the same version of the study stands already.',
  STEWARD_NOT_PINNED: 'The study names a steward key that this holder does not know as its own.',
  IDENTITY_NOT_PINNED: 'The study names an identity key that is not pinned here.',
  SIGNATURE_REJECTED: 'A signature did not verify.',
  QUERY_EXPIRED: 'The signed query has expired.',
  QUERY_REPLAYED: 'A signed query with this nonce was already used for another query.',
  UNAUTHENTICATED: 'The request is not signed by a known principal.',
  FORBIDDEN: 'This principal may not do that.',
  REPLAYED_REQUEST: 'This request was seen before.',
  // protocol
  MALFORMED_MESSAGE: 'A protocol message could not be decoded.',
  UNSUPPORTED_VERSION: 'The protocol version is not served here.',
  SEQUENCE_CONFLICT: 'A message number is missing or was used with other content.',
  PROTOCOL_STATE: 'A protocol step was called out of order.',
  PLAN_MISMATCH: 'The holders did not compile the same plan.',
  SUM_REJECTED: 'The sum is not the sum of the signed inputs of this run.',
  SHARE_REFUSED: 'A decryption share for this run was already given for other inputs.',
  LEDGER_ROLLBACK: 'A holder showed an older ledger than one seen before.',
  LEDGER_CORRUPT: 'The ledger does not verify.',
  PROOF_REJECTED: 'A proof did not verify.',
  LOG_FORKED: 'The audit log does not extend the one that was co-signed before.',
  RUN_ABORTED: 'A holder ended the run before it touched data.',
  RUN_INCOMPLETE: 'A holder will give no share for this run.',
  KEY_EPOCH: 'A holder has begun a later epoch of the collective key; ask again.',
  SET_BACK:
    'What this holder has read is not what the sandbox has delivered, for one of the two was set back.',
  HOLDER_UNREACHABLE: 'A holder has not answered yet.',
  // service
  NOT_FOUND: 'There is nothing at this address.',
  METHOD_NOT_ALLOWED: 'This address does not serve this method.',
  CONFLICT: 'The request contradicts what is already stored.',
  PAYLOAD_TOO_LARGE: 'The message is larger than the limit.',
  UNSUPPORTED_MEDIA_TYPE: 'The content type is not served here.',
  TOO_MANY_REQUESTS: 'Too many requests; try again later.',
  ISSUER_UNREACHABLE: 'The sign-in service cannot be reached.',
  INBOX_FULL: 'A holder has to read its inbox before it gets more; try again later.',
  OVERLOADED: 'The service has more to do than it can; try again later.',
  SHUTTING_DOWN: 'The service is shutting down.',
  SANDBOX_UNREACHABLE: 'The sandbox cannot be reached.',
  SANDBOX_RESPONSE: 'The sandbox answered with something that is not an answer.',
  // the holder's own staff
  DATA_DIRECTORY_BUSY: 'Another process is using this data directory.',
  DATABASE_UNREACHABLE: 'The database does not answer.',
  DATA_DIRECTORY_DAMAGED: 'The data directory is not what this version wrote.',
  KEY_FILE_MODE: 'A key file is readable by others than its owner.',
  KEY_FILE_INVALID: 'A key file cannot be read as the key it should be.',
  CONFIGURATION_INVALID: 'The configuration is not valid.',
  COHORT_MISSING: 'No cohort is loaded for this study.',
  COHORT_UNREADABLE: 'A cohort file cannot be read as a table of a supported format and encoding.',
  COHORT_EMPTY: 'A cohort file has no rows.',
  COHORT_COLUMN_MISSING: 'A cohort file lacks a column that the study names.',
  COHORT_COLUMN_TWICE: 'A cohort file has two columns of a name that the study uses.',
  COHORT_UNIT_UNMAPPED: 'A column has a unit that cannot be converted to the unit of the study.',
  COHORT_TOO_LARGE: 'The files hold more people than the study declares for this holder.',
  COHORT_CHANGED: 'Other rows were loaded than those that this run was reserved for.',
  FILE_NOT_FOUND: 'A file cannot be opened.',
  FILE_EXISTS: 'A file of this name is there and is not overwritten.',
  FILE_NOT_REMOVED: 'A file that must not stay cannot be removed.',
  USAGE: 'The command was not called as its help says.',
  HOLDER_NOT_RUNNING: 'No holder is running on this data directory.',
  PROCESS_FAILED: 'A process that this command started has ended or is not ready.',
  KERNEL_REJECTED: 'A compiled kernel does not have the pinned digest.',
  INTERNAL: 'Internal error.',
} as const;

export type ErrorCode = keyof typeof PUBLIC_MESSAGE;

/** Where in a person's own input something is wrong: an RFC 6901 pointer and a stable code. */
export type InputError = { readonly pointer: string; readonly code: string };

/** A privacy amount that did not fit, as exact fractions. */
export type BudgetFields = {
  readonly holder: string;
  readonly asked: string;
  readonly spent: string;
  readonly left: string;
};

/** A limit over several studies did not hold: what others spent is not the asker's to know. */
export type LimitFields = { readonly holder: string; readonly asked: string };

/** The rule of a jurisdiction that a study breaks, with its citation, and whose country has it. */
export type RuleFields = {
  readonly holder: string;
  readonly rule: string;
  readonly cites: string;
};

/** What a code may say in public besides its sentence: the asker's own numbers and input, never a record's. */
export type PublicFields = {
  BUDGET_EXHAUSTED: BudgetFields;
  ANALYST_LIMIT_EXHAUSTED: BudgetFields;
  COUNTRY_LIMIT_EXHAUSTED: BudgetFields;
  HOLDER_LIMIT_EXHAUSTED: LimitFields;
  EPOCH_LIMIT_EXHAUSTED: LimitFields;
  COHORT_MISSING: { readonly holder: string };
  INVALID_PARAMETER: { readonly errors: readonly InputError[] };
  RULE_REFUSED: RuleFields;
  INVALID_STUDY: { readonly errors: readonly InputError[] };
  INVALID_QUERY: { readonly errors: readonly InputError[] };
  INVALID_GRANT: { readonly errors: readonly InputError[] };
  AMENDMENT_REFUSED: { readonly errors: readonly InputError[] };
  IMAGE_REJECTED: { readonly errors: readonly InputError[] };
  DEPTH: { readonly errors: readonly InputError[] };
  CONFIGURATION_INVALID: { readonly errors: readonly InputError[] };
  UNSUPPORTED_VERSION: { readonly asked: number; readonly served: readonly number[] };
  KEY_EPOCH: { readonly holder: string; readonly epoch: number };
  HOLDER_UNREACHABLE: { readonly holders: readonly string[] };
};

type FieldsOf<C extends ErrorCode> = C extends keyof PublicFields ? PublicFields[C] : undefined;

export class Refusal<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'Refusal';
  readonly code: C;
  readonly detail: string;
  readonly fields: FieldsOf<C> | undefined;

  constructor(code: C, detail: string, fields?: FieldsOf<C>, options?: ErrorOptions) {
    super(PUBLIC_MESSAGE[code], options);
    this.code = code;
    this.detail = detail;
    this.fields = fields;
  }
}

/** Throws `code` with `detail` unless `condition` holds; narrows for the compiler. */
export function check(condition: boolean, code: ErrorCode, detail: string): asserts condition {
  if (!condition) throw new Refusal(code, detail);
}

/** The code that the operating system or a driver gave an error, such as ENOENT; `otherwise` where it has none. */
export const systemCode = (error: unknown, otherwise = 'unknown'): string =>
  error instanceof Error && 'code' in error ? String(error.code) : otherwise;

/** The refusal that `error` is, or `INTERNAL` with the original as its cause. */
export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal
    ? (error as Refusal)
    : new Refusal('INTERNAL', 'unexpected', undefined, { cause: error });
}

/** Runs `decode`, turning every failure that is not already a refusal into `code`. */
export function refuseAs<T>(code: ErrorCode, detail: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(code, detail, undefined, { cause });
  }
}
