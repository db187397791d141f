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
 * `reads` marks what changes nothing: there, and only there, a sign-in does for a signature
 * (sign-in.ts), and the id of a token is remembered in memory instead of durably. What writes, spends
 * or is the wire of a holder is never marked (rulings 10).
 * @module
 */
export const ROLES = ['analyst', 'steward', 'holder', 'auditor', 'ops'] as const;
export type Role = (typeof ROLES)[number];

export type Rule = {
  readonly of: 'public' | 'signed' | 'service' | 'study';
  readonly roles: readonly Role[];
  readonly reads?: true;
};

const open: Rule = { of: 'public', roles: [] };
const signed: Rule = { of: 'signed', roles: [] };
const service = (...roles: Role[]): Rule => ({ of: 'service', roles });
const study = (...roles: Role[]): Rule => ({ of: 'study', roles });
const reads = (rule: Rule): Rule => ({ ...rule, reads: true });

const MEMBERS: readonly Role[] = ['analyst', 'steward', 'holder'];

export const ACCESS = {
  live: open,
  ready: open,
  readApi: open,
  readBenchmarks: open,
  readBenchmarksScript: open,
  readBenchmarksStyle: open,
  readBenchmarkResults: open,
  readSelfTest: reads(service('ops')),
  runSelfTest: service('ops'),
  signIn: open,
  signedIn: open,
  signOut: open,
  readMetrics: reads(service('ops')),
  listStudies: reads(signed),
  readInbox: service('holder'),
  readSent: reads(service('holder')),
  createStudy: study('analyst', 'steward'),
  amendStudy: study('analyst', 'steward'),
  readStudy: reads(study(...MEMBERS, 'auditor')),
  readBudget: reads(study(...MEMBERS, 'auditor')),
  priceQuery: reads(study(...MEMBERS)),
  createQuery: study('analyst'),
  listQueries: reads(study(...MEMBERS, 'auditor')),
  readQuery: reads(study(...MEMBERS, 'auditor')),
  startRun: study('analyst'),
  listRuns: reads(study(...MEMBERS, 'auditor')),
  readRun: reads(study(...MEMBERS, 'auditor')),
  readRunEvents: reads(study(...MEMBERS)),
  readRelease: reads(study(...MEMBERS)),
  sendFrame: study('holder'),
  readLog: study(...MEMBERS, 'auditor'),
  readLogEntries: study(...MEMBERS, 'auditor'),
  readLogCheckpoints: study(...MEMBERS, 'auditor'),
  readStatements: study(...MEMBERS, 'auditor'),
  readInclusion: study(...MEMBERS, 'auditor'),
  readConsistency: study(...MEMBERS, 'auditor'),
  sendRecord: study('holder'),
  readRecords: study('holder'),
  listColumns: reads(study(...MEMBERS)),
  // Of the caller's own table.
  openColumns: study('holder'),
  storeColumns: study('holder'),
  completeColumns: study('holder'),
  sumColumns: study('holder'),
  eraseColumns: study('holder'),
  listImages: reads(study(...MEMBERS, 'auditor')),
  fetchImage: reads(study(...MEMBERS, 'auditor')),
  pushImage: study(...MEMBERS),
  // Of the caller's own rows.
  openUpload: study('holder'),
  storeChunk: study('holder'),
  executeUpload: study('holder'),
  readAnswers: study('holder'),
  listUploads: reads(study(...MEMBERS, 'auditor')),
} as const satisfies Record<string, Rule>;

export type OperationId = keyof typeof ACCESS;

export const ruleOf = (operation: OperationId): Rule => ACCESS[operation];

/**
 * What a key may ask that no study and no configuration names. It leaves nothing behind, not even
 * the id of its token: the first has one empty answer, the second is the same however often it comes.
 */
export const OPEN_TO_STRANGERS: readonly OperationId[] = ['listStudies', 'createStudy'];
