/** What the operations on uploads are, in words and media types (operations.ts). @module */
import { RECORD_TYPE } from './media-types.ts';
import type { Operation } from './wire-operations.ts';

export const UPLOAD_OPERATIONS = {
  openUpload: {
    tag: 'uploads',
    summary: 'Begin an upload for a run',
    description:
      'For a program of the run that its study has run in the sandbox. The key to seal to is of this upload alone, signed by the operator; an upload that was there before is destroyed.',
  },
  storeChunk: {
    tag: 'uploads',
    summary: 'A sealed chunk of an upload',
    description: 'Of a size that follows from study and query; kept sealed.',
    takes: RECORD_TYPE,
  },
  executeUpload: {
    tag: 'uploads',
    summary: 'Run the program over an upload',
    description:
      'Takes the sealed key of the chunks. 202 while it runs: ask again. Keys and chunks are destroyed when it has run.',
    takes: RECORD_TYPE,
  },
  readAnswers: {
    tag: 'uploads',
    summary: 'A sealed chunk of the answers',
    description: 'For the holder whose rows they are of, and sealed to it.',
    gives: RECORD_TYPE,
  },
  listUploads: {
    tag: 'uploads',
    summary: 'Uploads of a study',
    description:
      "A holder's own, and those of runs that have ended, with the operator's signed statement that their keys are destroyed.",
  },
} as const satisfies Record<string, Operation>;
