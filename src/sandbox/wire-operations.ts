/** What an operation is; and those that are the wire of holders. @module */
import { CBOR_SEQUENCE_TYPE, CBOR_TYPE, RECORD_TYPE } from './media-types.ts';

export type Operation = {
  readonly tag:
    | 'studies'
    | 'queries'
    | 'runs'
    | 'audit'
    | 'wire'
    | 'columns'
    | 'images'
    | 'uploads'
    | 'service';
  readonly summary: string;
  readonly description: string;
  /** Of the body; JSON where not said. */
  readonly takes?: string;
  /** Of the answer with status 200; JSON where not said. */
  readonly gives?: string;
};

export const WIRE_OPERATIONS = {
  readInbox: {
    tag: 'wire',
    summary: 'Frames for a holder',
    description:
      'A CBOR sequence of the frames behind position `after`, which acknowledges everything up to it. With `from`, those behind that later position, and what lies between is kept. Waits up to `wait` seconds for the first.',
    gives: CBOR_SEQUENCE_TYPE,
  },
  readSent: {
    tag: 'wire',
    summary: 'What a holder has sent',
    description:
      'A CBOR sequence of the frames of the calling holder behind the number `after`, with how far its inbox was acknowledged: for a holder that came back from a backup.',
    gives: CBOR_SEQUENCE_TYPE,
  },
  sendFrame: {
    tag: 'wire',
    summary: 'One frame of a holder',
    description:
      'Signed by the holder, kept before it is acknowledged; one that was here before is said to be a duplicate.',
    takes: CBOR_TYPE,
  },
  sendRecord: {
    tag: 'wire',
    summary: 'One record of a linked run',
    description:
      'For the other holder (sealed) or the sandbox, in order by `number`; kept in memory until it is taken, and refused where nobody takes it.',
    takes: RECORD_TYPE,
  },
  readRecords: {
    tag: 'wire',
    summary: 'The records of a linked run from one party',
    description:
      'From number `after` on, which acknowledges those before; waits up to `wait` seconds for the first.',
    gives: CBOR_SEQUENCE_TYPE,
  },
} as const satisfies Readonly<Record<string, Operation>>;
