/** What each operation is, in words and media types: for the API document, and the one place for both. @module */
import type { OperationId } from './access-table.ts';
import { ARROW_TYPE, CBOR_TYPE, JSON_TYPE } from './media-types.ts';
import { IMAGE_OPERATIONS } from './image-operations.ts';
import { UPLOAD_OPERATIONS } from './upload-operations.ts';
import { type Operation, WIRE_OPERATIONS } from './wire-operations.ts';

export type { Operation } from './wire-operations.ts';

const PAGED =
  'In the order of ids. `limit` is 1 to 200, 50 where it is not given; `next` is the `cursor` of the page behind this one, null on the last.';

export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {
  live: {
    tag: 'service',
    summary: 'Is the process alive',
    description: 'Answers while the process can answer at all.',
  },
  ready: {
    tag: 'service',
    summary: 'Can the process do its work',
    description:
      'Refused while the store cannot be written, jobs cannot be computed, or the service drains.',
  },
  readApi: {
    tag: 'service',
    summary: 'This document',
    description:
      'OpenAPI 3.1, made from the schemas that requests and answers are checked against.',
  },
  signIn: {
    tag: 'service',
    summary: 'Sign in to read',
    description:
      'Sends a browser to the OpenID Connect issuer of the configuration. What follows may read, never spend.',
  },
  signedIn: {
    tag: 'service',
    summary: 'Back from the issuer',
    description:
      'Gives the cookie of a session of half an hour, as the key that the configuration says.',
  },
  signOut: {
    tag: 'service',
    summary: 'End a session',
    description: 'Deletes the cookie of the session.',
  },
  readMetrics: {
    tag: 'service',
    summary: 'Totals for operators',
    description:
      "In Prometheus' text format, for keys that the configuration names: coarse, and of nobody.",
    gives: 'text/plain',
  },
  readBenchmarks: {
    tag: 'service',
    summary: 'The published benchmarks as a page',
    description: 'What this version was published with: tables, and charts where a script runs.',
    gives: 'text/html',
  },
  readBenchmarksScript: {
    tag: 'service',
    summary: 'The script of that page',
    description: 'Draws its charts out of the data in the page.',
    gives: 'text/javascript',
  },
  readBenchmarksStyle: {
    tag: 'service',
    summary: 'The style sheet of that page',
    description: 'How its tables and charts look.',
    gives: 'text/css',
  },
  readBenchmarkResults: {
    tag: 'service',
    summary: 'The published benchmarks',
    description: 'Every published run with all its samples, oldest first.',
  },
  readSelfTest: {
    tag: 'service',
    summary: 'The last self-test',
    description: 'What it measured here, beside the range to expect on this machine.',
  },
  runSelfTest: {
    tag: 'service',
    summary: 'Time the crypto core of this process',
    description:
      'A short suite in a thread of its own, on fixed inputs, each case checked before it is timed. Once a minute.',
  },
  createStudy: {
    tag: 'studies',
    summary: 'Hand in a signed study',
    description:
      'Taken in when enough stewards of every holder signed it and every identity is known here; each holder then decides for itself. Idempotent.',
  },
  amendStudy: {
    tag: 'studies',
    summary: 'Amend a study',
    description:
      'A later version with every version before it, in force when enough stewards of every holder of the version before and of the new one signed. One that only narrows, signed by stewards of one holder, is handed round at once. Of two amendments of one version the first wins. Idempotent.',
  },
  listStudies: {
    tag: 'studies',
    summary: 'The studies of the caller',
    description: `Those in which the caller has a role. ${PAGED}`,
  },
  readStudy: {
    tag: 'studies',
    summary: 'A study and who accepted it',
    description: 'The signed study as it was received, and the last word of each holder about it.',
  },
  readBudget: {
    tag: 'studies',
    summary: 'What may still be asked',
    description:
      "What the study grants and limits, and what each holder last showed to the study as spent and left. A holder may refuse for limits over other studies, which are nobody's business here.",
  },
  priceQuery: {
    tag: 'queries',
    summary: 'What a query would cost',
    description:
      'From public numbers only: no holder is asked, no budget is touched, nothing is kept.',
  },
  createQuery: {
    tag: 'queries',
    summary: 'Hand in a signed query',
    description:
      'Signed by an analyst of its study at its price. Nothing is spent yet. Idempotent.',
  },
  listQueries: {
    tag: 'queries',
    summary: 'The queries of a study',
    description: `What was asked in this study, by whom. ${PAGED}`,
  },
  readQuery: {
    tag: 'queries',
    summary: 'A query and its price',
    description: 'With the run whose release answers it free, where there is one.',
  },
  startRun: {
    tag: 'runs',
    summary: 'Start the run of a query',
    description:
      'This is what spends budget. Answers the run that stands for the query, or the one that answers it free; an Idempotency-Key stands for the same run for ever. Follow Location.',
  },
  listRuns: {
    tag: 'runs',
    summary: 'The runs of a study',
    description: PAGED,
  },
  readRun: {
    tag: 'runs',
    summary: 'The state of a run',
    description: 'Its state, why it ended where it did not release, and how far each holder is.',
  },
  readRunEvents: {
    tag: 'runs',
    summary: 'The events of a run',
    description:
      'Server-sent events `state` and `step`, from the one behind Last-Event-ID on, until a final state. A comment every 15 s keeps the connection.',
    gives: 'text/event-stream',
  },
  readRelease: {
    tag: 'runs',
    summary: 'The release of a run',
    description:
      'The noised table with its price, privacy and the receipts that every holder signed.',
  },
  ...WIRE_OPERATIONS,
  readLog: {
    tag: 'audit',
    summary: 'The state of the log of a study',
    description:
      'How many entries it has, its root (RFC 9162), and the newest checkpoint that every holder co-signed.',
  },
  readLogEntries: {
    tag: 'audit',
    summary: 'Entries of the log',
    description:
      'At most 500 from the place `from` (from 0), each with the salt that its leaf is hashed with.',
  },
  readLogCheckpoints: {
    tag: 'audit',
    summary: 'Checkpoints of the log',
    description: 'Those that every holder co-signed, as signed notes, in the order of their sizes.',
  },
  readStatements: {
    tag: 'audit',
    summary: 'Statements about destroyed keys',
    description:
      'What holders signed when the keys of a run that ended were gone, at most 500 from the place `from`. Entries `erasure` of the log name them by digest.',
  },
  readInclusion: {
    tag: 'audit',
    summary: 'A proof that an entry is in the log',
    description:
      'The path of RFC 9162 section 2.1.3 from entry `index` to the root of `size` entries.',
  },
  readConsistency: {
    tag: 'audit',
    summary: 'A proof that the log only grew',
    description:
      'The path of RFC 9162 section 2.1.4 between two sizes. `kakehashi verify` takes the answer as a file.',
  },
  listColumns: {
    tag: 'columns',
    summary: 'The encrypted tables of a study',
    description: 'What each holder has uploaded, by its public list of columns.',
  },
  openColumns: {
    tag: 'columns',
    summary: 'Begin the upload of a table',
    description: 'Its list of columns and the relinearisation key of its holder.',
    takes: CBOR_TYPE,
  },
  storeColumns: {
    tag: 'columns',
    summary: 'A batch of ciphertexts',
    description: 'Kept before it is acknowledged; the answer says how many there are.',
    takes: ARROW_TYPE,
  },
  completeColumns: {
    tag: 'columns',
    summary: 'The end of an upload',
    description: 'The manifest of all ciphertexts, signed by the holder.',
  },
  sumColumns: {
    tag: 'columns',
    summary: 'Sums of products of columns',
    description: 'For the holder of the table only. 202 while they are being computed: ask again.',
    takes: CBOR_TYPE,
    gives: 'application/octet-stream',
  },
  eraseColumns: {
    tag: 'columns',
    summary: 'Delete a table',
    description: 'Its ciphertexts are deleted; the answer says how many.',
  },
  ...IMAGE_OPERATIONS,
  ...UPLOAD_OPERATIONS,
};

/** The media type of the body of an operation. */
export const takes = (operation: OperationId): string => OPERATIONS[operation].takes ?? JSON_TYPE;
