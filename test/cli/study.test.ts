/** A study from template to signatures, on files, as stewards of two institutions do it. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

class Desk {
  readonly #directory = scratch();

  at(name: string): string {
    return path.join(this.#directory, name);
  }

  async key(name: string): Promise<string> {
    return (await cli(['keygen', this.at(`${name}.pem`)])).out.trim();
  }

  /** The template with keys for everybody. */
  async draft(): Promise<string> {
    const options = [
      ['--identity', `lu=${await this.key('lu')}`],
      ['--identity', `jp=${await this.key('jp')}`],
      ['--steward', `lu=${await this.key('lu-steward')}`],
      ['--steward', `jp=${await this.key('jp-steward')}`],
      ['--analyst', `ana=${await this.key('ana')}`],
    ];
    const file = this.at('draft.json');
    const { code, err } = await cli(['study', 'draft', ...options.flat(), '--out', file]);
    strictEqual(code, 0, err);
    return file;
  }

  sign(file: string, name: string, ...more: string[]) {
    return cli(['study', 'sign', file, '--key', this.at(`${name}.pem`), ...more]);
  }
}

type Shown = {
  study: string;
  signed: boolean;
  approvals: { holder: string; given: number; need: number }[];
};

const show = async (file: string, stdin?: string): Promise<Shown> =>
  JSON.parse((await cli(['study', 'show', file, '--json'], stdin)).out) as Shown;

describe('kakehashi study', () => {
  test('draft: the template is a document to edit, and no study without keys', async () => {
    const { code, out, err } = await cli(['study', 'draft']);
    deepStrictEqual([code, err], [0, '']);
    strictEqual((JSON.parse(out) as { format: string }).format, 'kakehashi/study/1');
    const shown = await cli(['study', 'show', '-'], out);
    strictEqual(shown.code, 2);
    match(shown.err, /\/holders\/0\/identity {2}WRONG_LENGTH/);
  });

  test('draft, sign, sign, show', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const id = (await show(draft)).study;
    const first = await desk.sign(draft, 'lu-steward', '--expect', id);
    strictEqual(first.code, 0, first.err);
    match(first.err, /lu .* signed/);
    writeFileSync(desk.at('once.json'), first.out);
    deepStrictEqual((await show(desk.at('once.json'))).approvals, [
      { holder: 'jp', given: 0, need: 1 },
      { holder: 'lu', given: 1, need: 1 },
    ]);
    const second = await desk.sign(desk.at('once.json'), 'jp-steward', '--json');
    const both = await show('-', second.out);
    deepStrictEqual([both.study, both.signed], [id, true]);
  });

  test('merge: copies that stewards signed apart become one; a missing steward is named', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const [lu, jp, half, whole] = ['lu', 'jp', 'half', 'whole'].map((name) =>
      desk.at(`${name}.json`),
    );
    await desk.sign(draft, 'lu-steward', '--out', lu!);
    await desk.sign(draft, 'jp-steward', '--out', jp!);
    const one = await cli(['study', 'merge', draft, lu!, '--out', half!]);
    deepStrictEqual(
      [one.code, one.out],
      [0, `${half}\nstill missing: jp, 0 of 1 signatures\n`],
      one.err,
    );
    const two = await cli(['study', 'merge', half!, jp!, lu!, '--out', whole!]);
    deepStrictEqual([two.code, two.out], [0, `${whole}\n`], two.err);
    strictEqual((await show(whole!)).signed, true);
  });

  test('merge: copies of different studies, or with a signature that does not verify', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const { out } = await desk.sign(draft, 'lu-steward', '--json');
    writeFileSync(desk.at('lu.json'), out);
    const other = JSON.parse(readFileSync(draft, 'utf8')) as { title: string };
    writeFileSync(desk.at('other.json'), JSON.stringify({ ...other, title: 'another' }));
    const merge = (name: string) =>
      cli(['study', 'merge', desk.at('lu.json'), desk.at(name), '--out', desk.at('all.json')]);
    strictEqual((await merge('other.json')).code, 2);
    const signed = JSON.parse(out) as { signatures: { key: string; signature: string }[] };
    signed.signatures[0]!.key = await desk.key('stranger');
    writeFileSync(desk.at('wrong.json'), JSON.stringify(signed));
    strictEqual((await merge('wrong.json')).code, 5);
    strictEqual(existsSync(desk.at('all.json')), false);
  });

  test('sign: again by the same steward changes nothing', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const { out } = await desk.sign(draft, 'lu-steward');
    writeFileSync(desk.at('once.json'), out);
    strictEqual((await desk.sign(desk.at('once.json'), 'lu-steward')).out, out);
  });

  test('sign: not as an analyst, not another study than expected', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const stranger = await desk.sign(draft, 'ana');
    deepStrictEqual([stranger.code, stranger.out], [1, '']);
    const other = await desk.sign(draft, 'lu-steward', '--expect', 'f'.repeat(64));
    deepStrictEqual([other.code, other.out], [5, '']);
  });

  test('show and sign refuse a signature that does not verify, exit code 5', async () => {
    const desk = new Desk();
    const { out } = await desk.sign(await desk.draft(), 'lu-steward', '--json');
    const wider = out.replace('"rho":"1/2"', '"rho":"9/2"');
    ok(wider !== out);
    strictEqual((await cli(['study', 'show', '-'], wider)).code, 5);
    writeFileSync(desk.at('wider.json'), wider);
    strictEqual((await desk.sign(desk.at('wider.json'), 'jp-steward')).code, 5);
  });

  test('show: every key that a signature would approve, every value of a domain', async () => {
    const desk = new Desk();
    const draft = JSON.parse(readFileSync(await desk.draft(), 'utf8')) as {
      holders: { identity: string; stewards: { keys: string[] } }[];
      analysts: { key: string }[];
      cohort: { columns: Record<string, unknown> };
    };
    const domain = Array.from({ length: 40 }, (_, i) => `E11.${i}`);
    draft.cohort.columns['diagnosis'] = { type: 'category', domain };
    const { code, out, err } = await cli(['study', 'show', '-'], JSON.stringify(draft));
    strictEqual(code, 0, err);
    const keys = [
      ...draft.holders.flatMap(({ identity, stewards }) => [identity, ...stewards.keys]),
      ...draft.analysts.map(({ key }) => key),
    ];
    strictEqual(keys.length, 5);
    for (const text of [...keys, ...domain]) ok(out.includes(text), text);
    match(out, /in at most 1 row and 1 cell$/m);
  });

  test('show: the rules that hold for each holder, with citations, and what was not checked', async () => {
    const text = readFileSync(await new Desk().draft(), 'utf8');
    const shown = (await cli(['study', 'show', '-'], text)).out;
    match(shown, /^lu +gdpr-9-2-j +GDPR Art\. 9\(2\)\(j\), 89\(1\) +the purpose is archiving/m);
    match(shown, /^jp +appi-27-1-v +APPI Art\. 27\(1\)\(v\)/m);
    match(shown, /not legal advice/);
    const other = text.replace('APPI 27(1)(v)', 'agreement');
    match((await cli(['study', 'show', '-'], other)).out, /^not checked at jp: its legal basis/m);
    const { out } = await cli(['study', 'show', '-', '--json'], other);
    const { rules, notices } = JSON.parse(out) as Record<'rules' | 'notices', unknown>;
    deepStrictEqual(rules, [
      { holder: 'lu', rule: 'gdpr-9-2-j', cites: 'GDPR Art. 9(2)(j), 89(1)' },
    ]);
    deepStrictEqual(notices, [{ code: 'LEGAL_BASIS_UNKNOWN', holder: 'jp' }]);
  });

  test('draft, show, sign and submit refuse what breaks a rule, naming it', async () => {
    const desk = new Desk();
    const draft = readFileSync(await desk.draft(), 'utf8');
    const file = desk.at('opt-out.json');
    writeFileSync(file, draft.replace('APPI 27(1)(v)', 'APPI 27(2)'));
    const to = ['--sandbox', 'http://127.0.0.1:1', '--key', desk.at('ana.pem')];
    for (const run of [
      cli(['study', 'draft', file, '--out', desk.at('again.json')]),
      cli(['study', 'show', file]),
      desk.sign(file, 'lu-steward'),
      cli(['study', 'submit', file, ...to]),
    ]) {
      const { code, out, err } = await run;
      deepStrictEqual([code, out], [2, '']);
      match(err, /holder {2}jp\n {2}rule {2}appi-27-2\n {2}cites {2}APPI Art\. 27\(2\)/);
    }
    const { out } = await cli(['study', 'show', file, '--json']);
    match(out, /urn:kakehashi:problem:RULE_REFUSED.*"rule":"appi-27-2"/);
  });

  test('show: what columns are called, in a language', async () => {
    const draft = JSON.parse(readFileSync(await new Desk().draft(), 'utf8')) as {
      cohort: { columns: Record<string, object> };
    };
    const plain = await cli(['study', 'show', '-'], JSON.stringify(draft));
    ok(!plain.out.includes('called'));
    const labels = { en: 'Leading complication', ja: '主な合併症' };
    const eye = { type: 'category', domain: ['eye'], labels, valueLabels: { eye: { ja: '眼' } } };
    draft.cohort.columns['leading'] = eye;
    const shown = async (...more: string[]) =>
      (await cli(['study', 'show', '-', ...more], JSON.stringify(draft))).out;
    match(await shown(), /^leading +Leading complication +one of "eye"$/m);
    match(await shown('--lang', 'de'), /^leading +Leading complication +one of "eye"$/m);
    match(await shown('--lang', 'ja'), /^leading +主な合併症 +one of "eye" \(眼\)$/m);
    // Nobody calls the others anything.
    match(await shown('--lang', 'ja'), /^age +age +whole number/m);
    strictEqual((await cli(['study', 'show', '-', '--lang', 'it'])).code, 2);
  });

  test('sign: another study than the expected one is named', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const { code, err } = await desk.sign(draft, 'lu-steward', '--expect', 'a'.repeat(64));
    strictEqual(code, 5);
    match(err, /not the study of --expect: this one is [0-9a-f]{64}/);
  });

  test('submit: without all signatures exit code 4, and nothing is sent', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const to = ['--sandbox', 'http://127.0.0.1:1', '--key', desk.at('ana.pem')];
    const { code, out } = await cli(['study', 'submit', draft, ...to, '--json']);
    strictEqual(code, 4);
    match(out, /STUDY_UNSIGNED/);
  });

  test('a file that is not there, not JSON, or of a Windows editor', async () => {
    const desk = new Desk();
    strictEqual((await cli(['study', 'show', desk.at('none.json')])).code, 2);
    const { code, out } = await cli(['study', 'show', '-', '--json'], '{"a":1,"a":2}');
    strictEqual(code, 2);
    match(out, /"errors":\[\{"pointer":"","code":"NOT_JSON"\}\]/);
    const draft = readFileSync(await desk.draft(), 'utf8');
    strictEqual((await cli(['study', 'show', '-'], `\ufeff${draft}`)).code, 0);
  });

  test('draft: keys for a holder that is not there, and --out over a file', async () => {
    const desk = new Desk();
    const draft = await desk.draft();
    const wrong = ['--identity', `fr=${await desk.key('fr')}`];
    strictEqual((await cli(['study', 'draft', draft, ...wrong])).code, 2);
    strictEqual((await cli(['study', 'draft', draft, '--out', draft])).code, 2);
  });
});

describe('kakehashi query price', () => {
  const examples = path.join(import.meta.dirname, '..', 'examples');
  const study = path.join(examples, 'study.json');
  const query = path.join(examples, 'query.json');

  test('is computed from the study file alone', async () => {
    const { code, out } = await cli(['query', 'price', query, '--study', study, '--json']);
    strictEqual(code, 0);
    const { rho, cells } = JSON.parse(out) as { rho: string; cells: number };
    deepStrictEqual([rho, cells], ['1/200', 15]);
    match((await cli(['query', 'price', query, '--study', study])).out, /rho 1\/200 \(0\.005\)/);
  });

  test('prices several together, with their exact sum', async () => {
    const { code, out } = await cli(['query', 'price', query, query, '--study', study, '--json']);
    strictEqual(code, 0);
    const { queries, total } = JSON.parse(out) as {
      queries: { file: string; rho: string }[];
      total: { rho: string; delta: string };
    };
    deepStrictEqual(
      queries.map(({ file, rho }) => [file, rho]),
      [
        [query, '1/200'],
        [query, '1/200'],
      ],
    );
    deepStrictEqual(total, { rho: '1/100', delta: '0/1' });
    const shown = (await cli(['query', 'price', query, query, '--study', study])).out;
    match(shown, /all together, at every holder +rho 1\/100 \(0\.01\)/);
    match(shown, /left at lu +rho 1\/2 \(0\.5\) signed, after them 49\/100 \(0\.49\)/);
  });

  test('a sum that is more than what is left is said to be', async () => {
    const files = Array.from({ length: 101 }, () => query);
    const { code, out } = await cli(['query', 'price', ...files, '--study', study, '--json']);
    strictEqual(code, 0);
    const { total, fits, left } = JSON.parse(out) as {
      total: { rho: string };
      fits: boolean;
      left: Record<string, { rho: string }>;
    };
    deepStrictEqual([total.rho, fits, left['jp']?.rho], ['101/200', false, '1/2']);
    const shown = (await cli(['query', 'price', ...files, '--study', study])).out;
    match(shown, /left at jp +rho 1\/2 \(0\.5\) signed: not enough for all of them/);
  });

  test('says what is wrong in a query, with exit code 2', async () => {
    const wrong = readFileSync(query, 'utf8').replaceAll('"sex"', '"shoe"');
    const { code, out } = await cli(['query', 'price', '-', '--study', study, '--json'], wrong);
    strictEqual(code, 2);
    match(out, /"pointer":"\/groupBy\/1","code":"UNKNOWN_COLUMN"/);
  });

  test('by id it takes a sandbox', async () => {
    const { code, err } = await cli(['query', 'price', query, '--study', 'a'.repeat(64)]);
    strictEqual(code, 2);
    match(err, /--sandbox and --key/);
  });
});
