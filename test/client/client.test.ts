/** What the client makes of answers: refusals by their code, anything else refused as no answer. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'vitest';
import { fromUtf8 } from '../../src/base/bytes.ts';
import { type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { KakehashiClient } from '../../src/client/client.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { planDigest } from '../../src/cohort/plan-digest.ts';
import { readPartlySigned, termsOf } from '../../src/flows/study-terms.ts';
import { verifyQuery } from '../../src/study/signed-query.ts';
import { fakeServer, type FakeServer, type Seen, sendJson } from '../support/fake-server.ts';
import { refusal } from '../support/refusal.ts';
import { acceptedStudy, signedStudy, studyDraft, studyKeys } from '../support/study.ts';

const keys = studyKeys(['lu', 'jp']);
const study = acceptedStudy(keys);
const signed = readPartlySigned(signedStudy(studyDraft(keys), keys));
const RUN = 'b'.repeat(64);
const QUERY: Json = {
  format: 'kakehashi/query/1',
  groupBy: ['sex'],
  measures: [{ name: 'people', count: true }],
  rho: '1/8',
};

async function against(
  answer: (response: ServerResponse, request: Seen) => void,
): Promise<{ client: KakehashiClient; server: FakeServer }> {
  const server = await fakeServer(answer);
  return { server, client: new KakehashiClient({ sandbox: server.origin, key: keys.analyst }) };
}

describe('answers that are none', () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    'not JSON': (response) => response.writeHead(200).end('<html>welcome</html>'),
    'JSON of another shape': (response) => sendJson(response, 200, { hello: 1 }),
    'another status': (response) => sendJson(response, 204, {}),
    'a proxy': (response) => response.writeHead(502).end('Bad Gateway'),
    'a redirect': (response) => response.writeHead(301, { location: '/' }).end(),
    'not UTF-8': (response) => response.writeHead(200).end(Buffer.from([0x22, 0xff, 0x22])),
    'a key twice': (response) => response.writeHead(200).end('{"studies":[],"studies":[]}'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    test(name, async () => {
      const { client } = await against(answer);
      await rejects(client.studies(), refusal('SANDBOX_RESPONSE'));
    });
  }

  test('nobody', async () => {
    const client = new KakehashiClient({ sandbox: 'http://127.0.0.1:1', key: keys.analyst });
    await rejects(client.studies(), refusal('SANDBOX_UNREACHABLE'));
  });
});

describe('refusals', () => {
  test('the code with its public fields', async () => {
    const errors = [{ pointer: '/groupBy/0', code: 'UNKNOWN_COLUMN' }];
    const { client } = await against((response) =>
      sendJson(response, 400, { type: 'urn:kakehashi:problem:INVALID_QUERY', errors }),
    );
    await rejects(client.price(study.id, QUERY), (error) => {
      strictEqual(error instanceof Refusal && error.code === 'INVALID_QUERY', true);
      deepStrictEqual((error as Refusal<'INVALID_QUERY'>).fields, { errors });
      return true;
    });
  });
});

describe('studies', () => {
  const answer = (id: string, json: Json) => ({
    study: id,
    signed: json,
    accepted: { lu: true, jp: false },
    refused: { jp: 'STEWARD_NOT_PINNED' },
  });

  test('known by the digest, with what holders said', async () => {
    const json = signedStudy(studyDraft(keys), keys);
    const { client } = await against((response) => sendJson(response, 200, answer(study.id, json)));
    const known = await client.study(study.id);
    strictEqual(known.study.id, study.id);
    deepStrictEqual(known.accepted, { lu: true, jp: false });
    deepStrictEqual(known.refused, { jp: 'STEWARD_NOT_PINNED' });
  });

  test('another study under the id, with keys of the sandbox: refused', async () => {
    const forged = studyKeys(['lu', 'jp']);
    const json = signedStudy(studyDraft(forged), forged);
    const { client } = await against((response) => sendJson(response, 200, answer(study.id, json)));
    await rejects(client.study(study.id), refusal('PROOF_REJECTED'));
  });

  test('are sent in their signed form', async () => {
    const { client, server } = await against((response) =>
      sendJson(response, 201, { study: signed.study.id }),
    );
    strictEqual(await client.submitStudy(signed), signed.study.id);
    const sent = parseStrict(fromUtf8(server.seen[0]?.body ?? new Uint8Array()));
    deepStrictEqual(readPartlySigned(sent).signatures, signed.signatures);
  });
});

describe('queries', () => {
  const plan = compileQuery(termsOf(study), QUERY);
  const priced = {
    query: RUN,
    study: study.id,
    state: 'priced',
    price: {
      rho: '1/8',
      perMeasure: [
        { measure: 'people', kind: 'count', rho: '1/8', unit: '1', expected: { pooled: 4 } },
      ],
      delta: '0/1',
      cells: 3,
      deadlineSeconds: 1,
    },
    cells: 3,
    plan: planDigest(plan),
    released: null,
  };

  test('are signed by the analyst at the price computed here', async () => {
    const { client, server } = await against((response) => sendJson(response, 201, priced));
    strictEqual((await client.submitQuery(study, QUERY)).query, RUN);
    const sent = parseStrict(fromUtf8(server.seen[0]?.body ?? new Uint8Array()));
    const { rho, analyst } = verifyQuery(sent, study, new Date());
    deepStrictEqual([rho.toString(), analyst], ['1/8', 'ana']);
  });

  test('another plan or price than computed here is refused', async () => {
    for (const wrong of [
      { ...priced, plan: RUN },
      { ...priced, study: RUN },
      { ...priced, price: { ...priced.price, rho: '1/9' } },
    ]) {
      const { client } = await against((response) => sendJson(response, 201, wrong));
      await rejects(client.submitQuery(study, QUERY), refusal('PROOF_REJECTED'));
    }
  });

  test('a wrong query or a key of nobody is refused before anything is sent', async () => {
    const { client, server } = await against((response) => sendJson(response, 201, priced));
    const wrong = { ...(QUERY as object), groupBy: ['shoe'] };
    await rejects(client.submitQuery(study, wrong), refusal('INVALID_QUERY'));
    const stranger = studyKeys([]).analyst;
    const other = new KakehashiClient({ sandbox: server.origin, key: stranger });
    await rejects(other.submitQuery(study, QUERY), refusal('FORBIDDEN'));
    strictEqual(server.seen.length, 0);
  });

  test('a run is started with its idempotency key', async () => {
    const { client, server } = await against((response) =>
      sendJson(response, 202, { run: RUN, state: 'reserving' }),
    );
    await client.run(RUN, 'key-1');
    await client.run(RUN);
    deepStrictEqual(
      server.seen.map(({ url, headers }) => [url, headers['idempotency-key']]),
      [
        [`/v1/queries/${RUN}/runs`, 'key-1'],
        [`/v1/queries/${RUN}/runs`, undefined],
      ],
    );
  });
});

describe('waiting for a release', () => {
  const holders = [
    { name: 'lu', step: 'reservation', lastSeen: null },
    { name: 'jp', step: 'plan', lastSeen: null },
  ];
  const view = (state: string, more: object = {}) => ({
    run: RUN,
    query: RUN,
    study: study.id,
    state,
    holders,
    ...more,
  });
  const ending =
    (state: string, run: object) =>
    (response: ServerResponse, { url }: Seen): void => {
      if (url.endsWith('/events')) {
        response.writeHead(200).end(`id: 1\nevent: state\ndata: {"state":"${state}"}\n\n`);
      } else sendJson(response, 200, run);
    };

  test('a refused run throws its problem', async () => {
    const fields = { holder: 'lu', asked: '1/2', spent: '0/1', left: '1/4' };
    const problem = { type: 'urn:kakehashi:problem:BUDGET_EXHAUSTED', ...fields };
    const { client } = await against(ending('refused', view('refused', { problem })));
    await rejects(client.waitForRelease(RUN, { study }), (error) => {
      deepStrictEqual((error as Refusal).fields, fields);
      return refusal('BUDGET_EXHAUSTED')(error);
    });
  });

  test('a run that ended without a problem throws what its state says', async () => {
    for (const [state, code] of [
      ['aborted', 'RUN_ABORTED'],
      ['incomplete', 'RUN_INCOMPLETE'],
      ['stopped', 'STUDY_STOPPED'],
    ] as const) {
      const { client } = await against(ending(state, view(state)));
      await rejects(client.waitForRelease(RUN, { study }), refusal(code));
    }
  });

  test('after the time limit it names the holders that the others wait for', async () => {
    const { client } = await against((response, { url }) => {
      if (url.endsWith('/events')) response.writeHead(200).write(': waiting\n\n');
      else sendJson(response, 200, view('reserving'));
    });
    await rejects(client.waitForRelease(RUN, { study, timeoutSeconds: 0.1 }), (error) => {
      deepStrictEqual((error as Refusal).fields, { holders: ['jp'] });
      return refusal('HOLDER_UNREACHABLE')(error);
    });
  });

  test("the caller's own abort is no refusal", async () => {
    const { client } = await against((response) => response.writeHead(200).write(': waiting\n\n'));
    const reason = new Error('enough');
    const signal = AbortSignal.timeout(50);
    await rejects(client.waitForRelease(RUN, { study, signal }), { name: 'TimeoutError' });
    await rejects(client.waitForRelease(RUN, { study, signal: AbortSignal.abort(reason) }), reason);
  });
});
