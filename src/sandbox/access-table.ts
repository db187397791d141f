/**
 * Who may do what: one row for each operation of the API, decided for the study that a request
 * is about. `access.ts` enforces it, the API document prints it, and a test asks every route as
 * everybody.
 *
 *     public     no token: what is answered is the same for everybody
 *     signed     any key: the answer holds only what is the caller's own
 *     service    by the configuration of this sandbox
 *     study      by the study that the address or the body names
 *
 * `session` marks what may also be read by somebody who signed in (sign-in.ts); nothing that
 * writes, spends or is the wire of a holder ever is (rulings 10).
 * @module
 */
export const ROLES = ['analyst', 'steward', 'holder', 'auditor', 'ops'] as const;
export type Role = (typeof ROLES)[number];

export type Rule = {
  readonly of: 'public' | 'signed' | 'service' | 'study';
  readonly roles: readonly Role[];
};

const open: Rule = { of: 'public', roles: [] };
const signed: Rule = { of: 'signed', roles: [] };
const service = (...roles: Role[]): Rule => ({ of: 'service', roles });
const study = (...roles: Role[]): Rule => ({ of: 'study', roles });

const MEMBERS: readonly Role[] = ['analyst', 'steward', 'holder'];

export const ACCESS = {
  live: open,
  ready: open,
  readApi: open,
  listStudies: signed,
  readInbox: service('holder'),
  createStudy: study('analyst', 'steward'),
  readStudy: study(...MEMBERS, 'auditor'),
  priceQuery: study(...MEMBERS),
  createQuery: study('analyst'),
  listQueries: study(...MEMBERS, 'auditor'),
  readQuery: study(...MEMBERS, 'auditor'),
  startRun: study('analyst'),
  listRuns: study(...MEMBERS, 'auditor'),
  readRun: study(...MEMBERS, 'auditor'),
  readRunEvents: study(...MEMBERS),
  readRelease: study(...MEMBERS),
  sendFrame: study('holder'),
  listColumns: study(...MEMBERS),
  // Of the caller's own table.
  openColumns: study('holder'),
  storeColumns: study('holder'),
  completeColumns: study('holder'),
  sumColumns: study('holder'),
  eraseColumns: study('holder'),
} as const satisfies Record<string, Rule>;

export type OperationId = keyof typeof ACCESS;

export const ruleOf = (operation: OperationId): Rule => ACCESS[operation];

/**
 * What a key may ask that no study and no configuration names. It leaves nothing behind, not even
 * the id of its token: the first has one empty answer, the second is the same however often it comes.
 */
export const OPEN_TO_STRANGERS: readonly OperationId[] = ['listStudies', 'createStudy'];
