/**
 * Every route, asked by everybody, about a study of theirs and about another one. What may pass
 * is written down here again, by hand: the table of the sandbox must say the same.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { beforeAll, describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { ACCESS, type OperationId } from '../../src/sandbox/access-table.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { codeOf, SandboxLab, sharedLab, staffKeys } from './sandbox-lab.ts';

const MEMBERS = 'analyst steward holder';
/** Who gets past the door: in their own study, unless it says `anywhere`. */
const MAY: Record<OperationId, string> = {
  live: 'everybody anywhere',
  ready: 'everybody anywhere',
  readApi: 'everybody anywhere',
  readBenchmarks: 'everybody anywhere',
  readBenchmarksScript: 'everybody anywhere',
  readBenchmarksStyle: 'everybody anywhere',
  readBenchmarkResults: 'everybody anywhere',
  readSelfTest: 'ops anywhere',
  runSelfTest: 'ops anywhere',
  signIn: 'everybody anywhere',
  signedIn: 'everybody anywhere',
  signOut: 'everybody anywhere',
  readMetrics: 'ops anywhere',
  listStudies: 'signed anywhere',
  readInbox: 'holder anywhere',
  readSent: 'holder anywhere',
  createStudy: 'analyst steward',
  amendStudy: 'analyst steward',
  readStudy: `${MEMBERS} auditor`,
  readBudget: `${MEMBERS} auditor`,
  priceQuery: MEMBERS,
  createQuery: 'analyst',
  listQueries: `${MEMBERS} auditor`,
  readQuery: `${MEMBERS} auditor`,
  startRun: 'analyst',
  listRuns: `${MEMBERS} auditor`,
  readRun: `${MEMBERS} auditor`,
  readRunEvents: MEMBERS,
  readRelease: MEMBERS,
  readLog: `${MEMBERS} auditor`,
  readLogEntries: `${MEMBERS} auditor`,
  readLogCheckpoints: `${MEMBERS} auditor`,
  readStatements: `${MEMBERS} auditor`,
  readInclusion: `${MEMBERS} auditor`,
  readConsistency: `${MEMBERS} auditor`,
  sendFrame: 'holder',
  sendRecord: 'holder',
  readRecords: 'holder',
  listColumns: MEMBERS,
  openColumns: 'holder',
  storeColumns: 'holder',
  completeColumns: 'holder',
  sumColumns: 'holder',
  eraseColumns: 'holder',
  listImages: `${MEMBERS} auditor`,
  fetchImage: `${MEMBERS} auditor`,
  pushImage: MEMBERS,
  openUpload: 'holder',
  storeChunk: 'holder',
  executeUpload: 'holder',
  readAnswers: 'holder',
  listUploads: `${MEMBERS} auditor`,
};

type Route = { readonly verb: 'GET' | 'POST'; readonly path: string; readonly takes: string };

const staff = staffKeys();
const lab = sharedLab(['lu', 'jp'], staff);
/** Another study, with its own analyst and stewards and the same holders. */
const others = { ...studyKeys(['lu', 'jp']), identity: lab.keys.identity };
let routes: Map<OperationId, Route>;
let own: { study: Study; query: string; run: string };
const table = 'c'.repeat(64);

beforeAll(async () => {
  const { paths } = (await lab.app.inject({ method: 'GET', url: '/openapi.json' })).json<{
    paths: Record<
      string,
      Record<string, { operationId: OperationId; requestBody?: { content: object } }>
    >;
  }>();
  routes = new Map(
    Object.entries(paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, { operationId, requestBody }]) => {
        const takes = Object.keys(requestBody?.content ?? {})[0] ?? '';
        const method: Route['verb'] = verb === 'get' ? 'GET' : 'POST';
        return [operationId, { verb: method, path, takes }] as const;
      }),
    ),
  );
  const study = await lab.study();
  const query = await lab.query(study);
  own = { study, query, run: await lab.run(study) };
  const json = signedStudy(studyDraft(others), others);
  strictEqual((await lab.call(others.analyst, 'POST', '/v1/studies', { json })).statusCode, 201);
});

/** Who asks: a key, and what it is in the study that is asked about. */
const CALLERS: Record<string, { key: () => SigningKey; roles: string }> = {
  analyst: { key: () => lab.keys.analyst, roles: 'analyst' },
  steward: { key: () => lab.keys.steward.get('lu') as SigningKey, roles: 'steward' },
  holder: { key: () => lab.identity('lu'), roles: 'holder' },
  auditor: { key: () => staff.auditor, roles: 'auditor' },
  ops: { key: () => staff.ops, roles: 'ops' },
  'the analyst of another study': { key: () => others.analyst, roles: '' },
  'the steward of another study': { key: () => others.steward.get('lu') as SigningKey, roles: '' },
  'a stranger': { key: () => SigningKey.generate(), roles: '' },
};

async function ask(operation: OperationId, key: SigningKey | undefined): Promise<string> {
  const route = routes.get(operation);
  if (route === undefined) throw new Error(operation);
  const { verb, path, takes } = route;
  const ids: Record<string, string> = {
    study: own.study.id,
    query: own.query,
    run: own.run,
    party: 'sandbox',
    table,
    image: table,
    upload: table,
    number: '0',
  };
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
  const json =
    operation === 'createStudy'
      ? signedStudy(studyDraft(lab.keys), lab.keys)
      : operation === 'createQuery'
        ? { study: own.study.id }
        : operation === 'amendStudy'
          ? {}
          : operation === 'priceQuery'
            ? { query: {} }
            : operation === 'completeColumns'
              ? { manifest: { table }, key: '', signature: '' }
              : operation === 'openUpload'
                ? { block: 0 }
                : undefined;
  const other =
    takes === '' || takes === 'application/json' ? {} : { body: utf8('x'), type: takes };
  const call = json === undefined ? other : { json };
  const answer =
    key === undefined
      ? await lab.app.inject({ method: verb, url })
      : await lab.call(key, verb, url, call);
  return answer.statusCode < 300 ? 'answered' : codeOf(answer);
}

const passes = (operation: OperationId, caller: string, roles: string): boolean => {
  const may = MAY[operation].split(' ');
  if (may.includes('everybody') || may.includes('signed')) return true;
  if (operation === 'readInbox' || operation === 'readSent') return caller === 'holder';
  if (operation === 'readMetrics') return caller === 'ops';
  return roles.split(' ').some((role) => role !== '' && may.includes(role));
};

describe('every route', () => {
  test('is in both tables', () => {
    deepStrictEqual([...routes.keys()].sort(), Object.keys(ACCESS).sort());
    deepStrictEqual(Object.keys(MAY).sort(), Object.keys(ACCESS).sort());
  });

  // Streams end only with their run.
  const asked = (Object.keys(MAY) as OperationId[]).filter((one) => one !== 'readRunEvents');
  for (const [caller, { key, roles }] of Object.entries(CALLERS)) {
    test(`as ${caller}`, async () => {
      const refusedBy: Partial<Record<OperationId, string>> = {};
      for (const operation of asked) {
        const code = await ask(operation, key());
        strictEqual(code === 'UNAUTHENTICATED', false, operation);
        const forbidden = code === 'FORBIDDEN';
        strictEqual(!forbidden, passes(operation, caller, roles), `${operation}: ${code}`);
        if (forbidden) refusedBy[operation] = code;
      }
      // Control: everybody is kept out of something.
      strictEqual(Object.keys(refusedBy).length > 0, true);
    });
  }

  test('as nobody', async () => {
    for (const operation of [...asked, 'readRunEvents'] as const) {
      const open = MAY[operation].startsWith('everybody');
      const code = await ask(operation, undefined);
      // No issuer is configured here.
      const absent = /^sign/.test(operation) && code === 'NOT_FOUND';
      strictEqual(
        open ? absent || code === 'answered' : code === 'UNAUTHENTICATED',
        true,
        operation,
      );
    }
  });

  test('events, for who is kept out of them', async () => {
    for (const caller of ['auditor', 'ops', 'the analyst of another study', 'a stranger']) {
      strictEqual(await ask('readRunEvents', CALLERS[caller]?.key()), 'FORBIDDEN', caller);
    }
  });
});

describe('strangers', () => {
  test('leave nothing behind: no row of their tokens, and their bodies are not read', async () => {
    const quiet = new SandboxLab();
    try {
      const before = await quiet.tokenRows();
      for (let i = 0; i < 5; i += 1) {
        const key = SigningKey.generate();
        strictEqual((await quiet.call(key, 'GET', '/v1/studies')).statusCode, 200);
        const body = new Uint8Array(1 << 20);
        const frame = { body, type: 'application/cbor' };
        const sent = await quiet.call(key, 'POST', `/v1/runs/${table}/frames`, frame);
        strictEqual(codeOf(sent), 'FORBIDDEN');
      }
      strictEqual(await quiet.tokenRows(), before);
      // Control: a member's token is kept.
      await quiet.call(quiet.identity('lu'), 'GET', '/v1/inbox?wait=0');
      strictEqual(await quiet.tokenRows(), before + 1);
    } finally {
      await quiet.close();
    }
  });

  test('a list of nothing is the same however often it is asked with one token', async () => {
    const key = SigningKey.generate();
    const token = await lab.token(key, 'GET', '/v1/studies', new Uint8Array(0));
    for (let i = 0; i < 2; i += 1) {
      const answer = await lab.call(key, 'GET', '/v1/studies', { token });
      deepStrictEqual(answer.json(), { studies: [], next: null });
    }
  });
});
