/** Frames and inboxes: what the relay takes, whom it hands it to, what it refuses. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { decodeCbor, encodeCbor, splitCborSequence } from '../../src/base/codec.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import {
  decodeFrame,
  EVERYONE,
  encodeFrame,
  type FrameKind,
  SANDBOX,
  signFrame,
} from '../../src/flows/frame.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab(['lu', 'jp', 'be']);
const BODY = utf8('body');

type Sent = {
  study: string;
  run: string;
  from?: string;
  to?: string;
  sequence?: number;
  kind?: FrameKind;
  body?: Uint8Array;
  key?: SigningKey;
};

function frame({
  study,
  run,
  from = 'lu',
  to = EVERYONE,
  sequence = 1,
  kind = 'plan',
  body = BODY,
  key,
}: Sent) {
  const unsigned = { study, run, from, to, sequence, kind, body };
  return encodeFrame(signFrame(unsigned, key ?? lab.identity(from)));
}

const push = (run: string, body: Uint8Array, caller = lab.identity('lu')) =>
  lab.call(caller, 'POST', `/v1/runs/${run}/frames`, { body, type: 'application/cbor' });

let price = 400;
/** A run of a new query in a new study of three holders. */
async function fresh() {
  price += 1;
  const study = await lab.study({ minimumCell: price });
  return { study: study.id, run: await lab.run(study, { rho: `1/${price}` }) };
}

const kinds = async (name: string, after: number) => {
  const answer = await lab.inbox(name, after);
  return splitCborSequence(answer.rawPayload).map((bytes) => decodeFrame(bytes).kind);
};
const cursors = new Map<string, number>();
/** Reads everything there is, and acknowledges it. */
const position = async (name: string) => {
  for (;;) {
    const at = cursors.get(name) ?? 0;
    const next = Number((await lab.inbox(name, at)).headers['kakehashi-cursor']);
    cursors.set(name, next);
    if (next === at) return at;
  }
};

describe('frames', () => {
  test('go to whom they are for, once, and are gone when acknowledged', async () => {
    const at = async () => {
      const names = ['lu', 'jp', 'be'];
      const all = await Promise.all(names.map(position));
      return { lu: all[0] ?? 0, jp: all[1] ?? 0, be: all[2] ?? 0 };
    };
    const ids = await fresh();
    const before = await at();
    const sent = [
      frame(ids),
      frame({ ...ids, to: 'be', kind: 'mask-key' }),
      frame({ ...ids, to: SANDBOX, kind: 'receipt' }),
    ];
    for (const bytes of sent) {
      const answer = await push(ids.run, bytes);
      deepStrictEqual(answer.json(), { accepted: true, duplicate: false });
      strictEqual(answer.statusCode, 202);
    }
    deepStrictEqual(await kinds('lu', before.lu), []);
    deepStrictEqual(await kinds('jp', before.jp), ['plan']);
    deepStrictEqual(await kinds('be', before.be), ['plan', 'mask-key']);
    const again = await push(ids.run, frame(ids));
    deepStrictEqual(again.json(), { accepted: true, duplicate: true });
    deepStrictEqual(await kinds('be', before.be + 1), ['mask-key']);

    await lab.restart();
    deepStrictEqual(await kinds('be', before.be + 1), ['mask-key']);
    strictEqual(codeOf(await lab.inbox('be', before.be)), 'SET_BACK');
    deepStrictEqual(await kinds('be', before.be + 2), []);
    cursors.set('be', before.be + 2);
  });

  test('another number, a gap, another body under a seen number', async () => {
    const ids = await fresh();
    strictEqual(codeOf(await push(ids.run, frame({ ...ids, sequence: 2 }))), 'SEQUENCE_CONFLICT');
    strictEqual((await push(ids.run, frame(ids))).statusCode, 202);
    const other = await push(ids.run, frame({ ...ids, body: utf8('other') }));
    strictEqual(codeOf(other), 'SEQUENCE_CONFLICT');
    strictEqual(other.statusCode, 409);
    const gap = frame({ ...ids, sequence: 3, kind: 'run-key' });
    strictEqual(codeOf(await push(ids.run, gap)), 'SEQUENCE_CONFLICT');
  });

  test('a refusal behind a gap is handed on, and ends the run; one under a number that was used ends it here', async () => {
    const shown = async (run: string) => {
      const answer = await lab.call(lab.keys.analyst, 'GET', `/v1/runs/${run}`);
      const { state, problem } = answer.json<{ state: string; problem?: { type: string } }>();
      return [state, problem?.type];
    };
    const ended = async (run: string) => {
      while ((await shown(run))[0] === 'reserving') await sleep(20);
      return shown(run);
    };
    const kind = 'refusal';
    const body = utf8('{"code":"SEQUENCE_CONFLICT","touched":false}');
    const type = 'urn:kakehashi:problem:SEQUENCE_CONFLICT';
    const ids = await fresh();
    const before = await position('jp');
    const behind = frame({ ...ids, sequence: 3, kind, body });
    strictEqual((await push(ids.run, behind)).statusCode, 202);
    deepStrictEqual(await kinds('jp', before), ['refusal']);
    deepStrictEqual(await ended(ids.run), ['refused', type]);

    const used = await fresh();
    for (const [sequence, one] of [
      [1, 'run-key'],
      [2, 'plan'],
    ] as const)
      strictEqual((await push(used.run, frame({ ...used, sequence, kind: one }))).statusCode, 202);
    strictEqual((await shown(used.run))[0], 'reserving', 'control');
    const again = frame({ ...used, sequence: 2, kind, body });
    strictEqual(codeOf(await push(used.run, again)), 'SEQUENCE_CONFLICT');
    deepStrictEqual(await ended(used.run), ['aborted', type]);
    ok(lab.log.some((line) => line.includes('run ended') && line.includes('SEQUENCE_CONFLICT')));
  });

  test('an altered signature, another sender, another caller, a stranger', async () => {
    const ids = await fresh();
    const altered = decodeCbor(frame(ids)) as unknown[];
    (altered[9] as Uint8Array)[7]! ^= 1;
    strictEqual(codeOf(await push(ids.run, encodeCbor(altered as never))), 'SIGNATURE_REJECTED');
    const forged = frame({ ...ids, from: 'jp', key: lab.identity('lu') });
    strictEqual(codeOf(await push(ids.run, forged)), 'SIGNATURE_REJECTED');
    strictEqual(codeOf(await push(ids.run, frame(ids), lab.identity('jp'))), 'SIGNATURE_REJECTED');
    strictEqual(codeOf(await push(ids.run, frame(ids), lab.keys.analyst)), 'FORBIDDEN');
    strictEqual(codeOf(await push('0'.repeat(64), frame(ids))), 'NOT_FOUND');
  });

  test('another study or run, a kind or addressee that does not fit', async () => {
    const [ids, other] = [await fresh(), await fresh()];
    const bad: Sent[] = [
      { ...ids, study: other.study },
      { ...ids, run: other.run },
      { ...ids, kind: 'query' },
      { ...ids, kind: 'accepted' },
      { ...ids, kind: 'mask-key' },
      { ...ids, kind: 'mask-key', to: SANDBOX },
      { ...ids, kind: 'mask-key', to: 'lu' },
      { ...ids, kind: 'mask-key', to: 'fr' },
      { ...ids, kind: 'receipt' },
      { ...ids, kind: 'plan', to: 'jp' },
      { ...ids, kind: 'refusal' },
    ];
    for (const one of bad) {
      strictEqual(
        codeOf(await push(ids.run, frame(one))),
        'MALFORMED_MESSAGE',
        JSON.stringify(one),
      );
    }
    const ofStudy = frame({ ...ids, run: ids.study });
    strictEqual(codeOf(await push(ids.study, ofStudy)), 'MALFORMED_MESSAGE');
  });

  test('another version is answered with both versions', async () => {
    const ids = await fresh();
    const fields = decodeCbor(frame(ids)) as unknown[];
    const answer = await push(ids.run, encodeCbor([2, ...fields.slice(1)] as never));
    strictEqual(codeOf(answer), 'UNSUPPORTED_VERSION');
    const { asked, served } = answer.json<{ asked: number; served: number[] }>();
    deepStrictEqual([asked, served], [2, [1]]);
  });

  test('garbage, JSON, and a body above 16 MiB', async () => {
    const { run } = await fresh();
    strictEqual(codeOf(await push(run, utf8('garbage'))), 'MALFORMED_MESSAGE');
    strictEqual(codeOf(await push(run, new Uint8Array(0))), 'MALFORMED_MESSAGE');
    const json = await lab.call(lab.identity('lu'), 'POST', `/v1/runs/${run}/frames`, { json: {} });
    strictEqual(codeOf(json), 'UNSUPPORTED_MEDIA_TYPE');
    const answer = await push(run, new Uint8Array(16 * 1024 * 1024 + 1));
    strictEqual(codeOf(answer), 'PAYLOAD_TOO_LARGE');
  });
});

describe('inbox', () => {
  test('a long poll wakes at the first frame, and ends empty when nothing comes', async () => {
    const ids = await fresh();
    const after = await position('jp');
    const started = Date.now();
    const waiting = lab.inbox('jp', after, 20);
    strictEqual((await push(ids.run, frame(ids))).statusCode, 202);
    const answer = await waiting;
    strictEqual(answer.headers['kakehashi-cursor'], String(after + 1));
    strictEqual(answer.headers['content-type'], 'application/cbor-seq');
    const empty = await lab.inbox('jp', after + 1, 1);
    strictEqual(empty.statusCode, 200);
    strictEqual(empty.rawPayload.length, 0);
    ok(Date.now() - started < 10_000);
  });

  test('behind a later position it is read on, and what lies between is kept', async () => {
    const ids = await fresh();
    const after = await position('be');
    for (const kind of ['plan', 'run-key', 'reservation'] as const) {
      const sequence = { plan: 1, 'run-key': 2, reservation: 3 }[kind];
      strictEqual((await push(ids.run, frame({ ...ids, kind, sequence }))).statusCode, 202);
    }
    const on = (query: string) => lab.call(lab.identity('be'), 'GET', `/v1/inbox?${query}`);
    const answer = await on(`after=${after}&from=${after + 2}`);
    strictEqual(answer.headers['kakehashi-cursor'], String(after + 3));
    const [last] = splitCborSequence(answer.rawPayload).map((bytes) => decodeFrame(bytes).kind);
    strictEqual(last, 'reservation');
    deepStrictEqual(await kinds('be', after), ['plan', 'run-key', 'reservation']);
    for (const query of [`after=${after}&from=${after + 4}`, `after=${after + 1}&from=${after}`]) {
      strictEqual(codeOf(await on(query)), 'CONFLICT', query);
    }
  });

  test('that has less than its holder has read was set back, and stays so until the holder recovers', async () => {
    const [ids, later] = [await fresh(), await fresh()];
    strictEqual((await push(ids.run, frame(ids))).statusCode, 202);
    const answer = await lab.inbox('be', await position('be'));
    const at = Number(answer.headers['kakehashi-cursor']);
    strictEqual((await push(later.run, frame(later))).statusCode, 202);
    // As many as the holder had read come in before it asks again: they are not those.
    strictEqual(codeOf(await lab.inbox('be', at + 2)), 'SET_BACK');
    const next = frame({ ...later, sequence: 2, kind: 'run-key' });
    strictEqual((await push(later.run, next)).statusCode, 202);
    strictEqual(codeOf(await lab.inbox('be', at + 2)), 'SET_BACK');
    // What a recovery begins from.
    const sent = await lab.call(lab.identity('be'), 'GET', '/v1/sent?after=0');
    const from = Number(sent.headers['kakehashi-acknowledged']);
    ok(from > at + 2);
    deepStrictEqual(await kinds('be', from), ['plan', 'run-key']);
    cursors.set('be', from);
    strictEqual(await position('be'), from + 2);
  });

  test('is of a configured holder only', async () => {
    const answer = await lab.call(lab.keys.analyst, 'GET', '/v1/inbox');
    strictEqual(codeOf(answer), 'FORBIDDEN');
  });
});

describe('a full inbox', () => {
  const small = sharedLab(['lu', 'jp', 'be'], undefined, { inboxFrames: 3 });

  test('is refused for now, with nothing half done; drained, it takes the same frame', async () => {
    const study = await small.study({});
    const sent = async (run: string, kind: FrameKind, sequence: number, body = BODY) => {
      const head = { study: study.id, run, from: 'lu', to: EVERYONE };
      const signed = signFrame({ ...head, sequence, kind, body }, small.identity('lu'));
      const call = { body: encodeFrame(signed), type: 'application/cbor' };
      return small.call(small.identity('lu'), 'POST', `/v1/runs/${run}/frames`, call);
    };
    const run = await small.run(study, { rho: '1/500' });
    const read = async (name: string, after: number): Promise<[number, number]> => {
      const answer = await small.inbox(name, after);
      strictEqual(answer.statusCode, 200);
      const { length } = splitCborSequence(answer.rawPayload);
      return [length, Number(answer.headers['kakehashi-cursor'])];
    };
    // What the sandbox itself has said so far is read by one, and lies before the other.
    const [, seen] = await read('be', 0);
    await read('be', seen);
    strictEqual((await read('jp', 0))[0], 2);
    strictEqual((await sent(run, 'run-key', 1)).statusCode, 202);

    const refused = await sent(run, 'plan', 2);
    deepStrictEqual([refused.statusCode, codeOf(refused)], [503, 'INBOX_FULL']);
    ok(Number(refused.headers['retry-after']) > 0);
    strictEqual((await read('be', seen + 1))[0], 0, 'nobody got it');
    strictEqual((await sent(run, 'run-key', 1)).json<{ duplicate: boolean }>().duplicate, true);

    const [waiting, cursor] = await read('jp', 0);
    strictEqual(waiting, 3);
    strictEqual((await read('jp', cursor))[0], 0);
    strictEqual((await sent(run, 'plan', 2)).statusCode, 202);
    for (const [kind, sequence] of [
      ['reservation', 3],
      ['contribution', 4],
    ] as const) {
      strictEqual((await sent(run, kind, sequence)).statusCode, 202, kind);
    }
    strictEqual(codeOf(await sent(run, 'share', 5)), 'INBOX_FULL');
    const ends = utf8('{"code":"RUN_ABORTED","touched":false}');
    strictEqual((await sent(run, 'refusal', 5, ends)).statusCode, 202, 'what ends a run goes in');
  });
});

describe('consent', () => {
  const say = (study: string, kind: FrameKind, body: Uint8Array, sequence: number) =>
    push(study, frame({ study, run: study, kind, body, sequence }));
  const shown = async (study: string) =>
    (await lab.call(lab.keys.analyst, 'GET', `/v1/studies/${study}`)).json<{
      accepted: Record<string, boolean>;
      refused: Record<string, string>;
    }>();

  test('the last word of a holder counts, and a stop ends new runs', async () => {
    const { id } = await lab.study({ minimumCell: 77 });
    const refusal = (code: string) => utf8(`{"code":"${code}","touched":false}`);
    await say(id, 'refusal', refusal('STEWARD_NOT_PINNED'), 1);
    deepStrictEqual((await shown(id)).refused, { lu: 'STEWARD_NOT_PINNED' });
    await say(id, 'accepted', utf8(id), 2);
    const { accepted, refused } = await shown(id);
    deepStrictEqual([accepted, refused], [{ lu: true, jp: false, be: false }, {}]);

    const study = await lab.study({ minimumCell: 77 });
    const query = await lab.query(study, { rho: '1/300' });
    await say(id, 'refusal', refusal('STUDY_STOPPED'), 3);
    strictEqual(codeOf(await lab.start(query)), 'STUDY_STOPPED');
  });
});
