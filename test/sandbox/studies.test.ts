/** Studies and queries at the sandbox: who may bring them, and what is refused. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { splitCborSequence } from '../../src/base/codec.ts';
import { fromUtf8 } from '../../src/base/bytes.ts';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { decodeFrame } from '../../src/flows/frame.ts';
import { amendedStudy, signedQuery, signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
const { analyst, steward } = lab.keys;
const stewardOf = (name: string): SigningKey => steward.get(name) ?? SigningKey.generate();
const post = (json: Json, key = analyst) => lab.call(key, 'POST', '/v1/studies', { json });

describe('studies', () => {
  test('a study is taken once, told to every holder, and shown as it was signed', async () => {
    const signed = signedStudy(studyDraft(lab.keys), lab.keys);
    const first = await post(signed);
    strictEqual(first.statusCode, 201);
    const { study } = first.json<{ study: string }>();
    strictEqual(first.headers.location, `/v1/studies/${study}`);
    strictEqual((await post(signed, stewardOf('lu'))).statusCode, 201);

    for (const name of ['lu', 'jp']) {
      const inbox = await lab.inbox(name);
      strictEqual(inbox.headers['kakehashi-cursor'], '1');
      const frames = splitCborSequence(inbox.rawPayload).map(decodeFrame);
      deepStrictEqual(
        frames.map(({ from, to, kind, run, sequence }) => [from, to, kind, run, sequence]),
        [['sandbox', '*', 'study', study, 1]],
      );
      strictEqual(fromUtf8(frames[0]?.body ?? new Uint8Array()), canonicalJson(signed));
    }
    const shown = await lab.call(analyst, 'GET', `/v1/studies/${study}`);
    deepStrictEqual(shown.json(), {
      study,
      signed,
      accepted: { lu: false, jp: false },
      refused: {},
    });
    const listed = await lab.call(stewardOf('jp'), 'GET', '/v1/studies');
    deepStrictEqual(listed.json<{ studies: { study: string }[] }>().studies[0], {
      study,
      title: 'People by sex and age',
      expires: '2099-12-31',
    });
    const strangers = await lab.call(SigningKey.generate(), 'GET', '/v1/studies');
    deepStrictEqual(strangers.json(), { studies: [], next: null });
  });

  test('unsigned, altered, expired, of other identities, of a stranger', async () => {
    const draft = studyDraft(lab.keys, { minimumCell: 3 });
    const signed = signedStudy(draft, lab.keys) as { study: Json; signatures: Json[] };
    const [one = null] = signed.signatures;
    strictEqual(codeOf(await post({ study: draft, signatures: [one] })), 'STUDY_UNSIGNED');
    const other = studyDraft(lab.keys, { minimumCell: 4 });
    strictEqual(codeOf(await post({ ...signed, study: other })), 'SIGNATURE_REJECTED');
    const old = studyDraft(lab.keys, { expires: '2020-01-01' });
    strictEqual(codeOf(await post(signedStudy(old, lab.keys))), 'STUDY_EXPIRED');
    const noCondition = studyDraft(lab.keys, { legalBasis: 'GDPR 6(1)(e)' });
    const ruled = await post(signedStudy(noCondition, lab.keys));
    strictEqual(codeOf(ruled), 'RULE_REFUSED');
    const { status, holder, rule, cites } = ruled.json<Record<string, unknown>>();
    deepStrictEqual([status, holder, rule, cites], [403, 'lu', 'gdpr-9-1', 'GDPR Art. 9(1), 9(2)']);
    const keys = studyKeys(['lu', 'jp']);
    const foreign = await post(signedStudy(studyDraft(keys), keys), keys.analyst);
    strictEqual(codeOf(foreign), 'IDENTITY_NOT_PINNED');
    strictEqual(codeOf(await post(signed, SigningKey.generate())), 'FORBIDDEN');
    strictEqual(codeOf(await post(signed, lab.identity('lu'))), 'FORBIDDEN');
    const extra = await post({ ...signed, extra: 1 });
    strictEqual(codeOf(extra), 'INVALID_STUDY');
    deepStrictEqual(extra.json<{ errors: unknown }>().errors, [
      { pointer: '/extra', code: 'UNKNOWN_FIELD' },
    ]);
  });

  test('a study that is not here, or not the caller’s', async () => {
    const answer = await lab.call(analyst, 'GET', `/v1/studies/${'0'.repeat(64)}`);
    strictEqual(codeOf(answer), 'STUDY_UNKNOWN');
    const study = await lab.study({ minimumCell: 5 });
    const stranger = await lab.call(SigningKey.generate(), 'GET', `/v1/studies/${study.id}`);
    strictEqual(codeOf(stranger), 'FORBIDDEN');
  });
});

describe('queries', () => {
  const submit = (json: Json, key = analyst) => lab.call(key, 'POST', '/v1/queries', { json });

  test('a price is the same for everybody of the study and needs no signature', async () => {
    const study = await lab.study();
    const query = {
      format: 'kakehashi/query/1',
      groupBy: ['holder', 'sex'],
      measures: [{ name: 'people', count: true }],
      rho: '1/200',
    };
    const path = `/v1/studies/${study.id}/price`;
    const answers = [analyst, stewardOf('lu'), lab.identity('jp')].map((key) =>
      lab.call(key, 'POST', path, { json: { query } }),
    );
    const prices = (await Promise.all(answers)).map((answer) => answer.json<unknown>());
    deepStrictEqual(prices[0], {
      rho: '1/200',
      perMeasure: [
        {
          measure: 'people',
          kind: 'count',
          rho: '1/200',
          unit: '1',
          expected: { byHolder: 20, pooled: 28 },
        },
      ],
      delta: '0/1',
      cells: 3,
      deadlineSeconds: 2,
    });
    deepStrictEqual(prices[1], prices[0]);
    deepStrictEqual(prices[2], prices[0]);

    const wrong = await lab.call(analyst, 'POST', path, {
      json: { query: { ...query, groupBy: ['weight'] } },
    });
    deepStrictEqual(wrong.json<{ errors: unknown }>().errors, [
      { pointer: '/groupBy/0', code: 'UNKNOWN_COLUMN' },
    ]);
    const stranger = lab.call(SigningKey.generate(), 'POST', path, { json: { query } });
    strictEqual(codeOf(await stranger), 'FORBIDDEN');
  });

  test('a signed query is kept once and shown with its price', async () => {
    const study = await lab.study();
    const json = signedQuery(study, lab.keys, { rho: '1/50' });
    const created = await submit(json);
    strictEqual(created.statusCode, 201);
    const shown = created.json<{ query: string; price: { rho: string } }>();
    strictEqual(created.headers.location, `/v1/queries/${shown.query}`);
    strictEqual(shown.price.rho, '1/50');
    deepStrictEqual((await submit(json)).json(), shown);
    const again = await lab.call(stewardOf('lu'), 'GET', `/v1/queries/${shown.query}`);
    deepStrictEqual(again.json(), shown);
  });

  test('altered, expired, of another, replayed under another question, of no study', async () => {
    const study = await lab.study();
    const json = signedQuery(study, lab.keys, { rho: '1/60' }) as { rho: string; study: string };
    strictEqual(codeOf(await submit({ ...json, rho: '1/61' })), 'SIGNATURE_REJECTED');
    strictEqual(codeOf(await submit({ ...json, study: '0'.repeat(64) })), 'STUDY_UNKNOWN');
    strictEqual(codeOf(await submit(json, stewardOf('lu'))), 'FORBIDDEN');
    const { now } = lab;
    lab.now = new Date(now.getTime() + 2 * 3_600_000);
    const late = await submit(json);
    lab.now = now;
    strictEqual(codeOf(late), 'QUERY_EXPIRED');
    const missing = await lab.call(analyst, 'GET', `/v1/queries/${'0'.repeat(64)}`);
    strictEqual(codeOf(missing), 'NOT_FOUND');
    strictEqual(codeOf(await submit({})), 'INVALID_PARAMETER');
  });
});

describe('amendments', () => {
  const send = (id: string, json: Json, key = analyst) =>
    lab.call(key, 'POST', `/v1/studies/${id}/amendments`, { json });

  test('the first of two wins, an old one and a partly signed one are refused, everybody is told', async () => {
    const signed = signedStudy(studyDraft(lab.keys, { minimumCell: 17 }), lab.keys);
    const { study: id } = (await post(signed)).json<{ study: string }>();
    const bob = SigningKey.generate();
    const widened = (title: string) =>
      amendedStudy(signed, lab.keys, (draft) => ({
        ...draft,
        title,
        analysts: [...(draft['analysts'] as Json[]), { name: 'bob', key: bob.publicText }],
      }));
    const partly = amendedStudy(signed, lab.keys, (draft) => ({ ...draft, title: 'X' }), ['lu']);
    strictEqual(codeOf(await send(id, partly)), 'STUDY_UNSIGNED');
    strictEqual(codeOf(await lab.call(bob, 'GET', `/v1/studies/${id}`)), 'FORBIDDEN');
    const both = await Promise.all([send(id, widened('A')), send(id, widened('B'))]);
    deepStrictEqual(both.map(({ statusCode }) => statusCode).sort(), [201, 409]);
    const [won, lost] = both[0].statusCode === 201 ? both : [both[1], both[0]];
    strictEqual(codeOf(lost), 'AMENDMENT_CONFLICT');
    const { agreement, version, state } = won.json<Record<string, Json>>();
    deepStrictEqual([version, state], [2, 'amended']);
    strictEqual(codeOf(await post(signed)), 'STUDY_AMENDED');

    const shown = await lab.call(bob, 'GET', `/v1/studies/${id}`);
    const { signed: now } = shown.json<{ signed: { history: unknown[] } }>();
    strictEqual(now.history.length, 1);
    const inbox = splitCborSequence((await lab.inbox('lu')).rawPayload).map(decodeFrame);
    strictEqual(inbox.at(-1)?.run, agreement);
    strictEqual(inbox.at(-1)?.study, id);
    const log = await lab.call(analyst, 'GET', `/v1/studies/${id}/log/entries?from=0`);
    const entries = log.json<{ entries: { entry: Record<string, Json> }[] }>().entries;
    deepStrictEqual(
      entries.map(({ entry }) => [entry['type'], entry['from'] ?? null, entry['to'] ?? null]),
      [
        ['study', null, null],
        ['amendment', id, agreement],
      ],
    );
  });

  test('a first version is no amendment, one of another study neither, and an amendment is no new study', async () => {
    const [signed, other] = [18, 19].map((minimumCell) =>
      signedStudy(studyDraft(lab.keys, { minimumCell }), lab.keys),
    ) as [Json, Json];
    const { study: id } = (await post(signed)).json<{ study: string }>();
    const renamed = (of: Json) =>
      amendedStudy(of, lab.keys, (draft) => ({ ...draft, title: 'Renamed' }));
    strictEqual(codeOf(await send(id, signed)), 'CONFLICT');
    strictEqual(codeOf(await send(id, renamed(other))), 'CONFLICT');
    strictEqual(codeOf(await post(renamed(other))), 'STUDY_UNKNOWN');
  });
});
