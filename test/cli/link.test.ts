/** `kakehashi link` on files: encodings, answers, truth, and what is refused. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import { linkCommand } from '../../src/cli/commands/link.ts';
import { capturedIo } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

const LEFT = `pid,nom,prenom,naissance,sexe
1,Ohtani,Jun'ichi,14.06.1985,M
2,"Müller, née Weber",José,1.2.1990,M
3,Satō,Hanako,1970-12-24,F

4,Klein,"Jean ""Jang""",1950-01-01,M
`;
/** In katakana, as an export in Shift_JIS has it. */
const RIGHT_TEXT =
  'no,sei,mei,birth,sex\r\n9,ｵｵﾀﾆ,ｼﾞｭﾝｲﾁ,S60.6.14,1\r\n8,ｻﾄｳ,ﾊﾅｺ,S45.12.24,2\r\n7,ﾔﾏﾀﾞ,ﾀﾛｳ,H1.2.3,1';

/** Half-width katakana are the bytes A1 to DF of Shift_JIS (JIS X 0201). */
const shiftJis = (text: string): Uint8Array =>
  Uint8Array.from(text, (c) => (c >= '\uff61' ? c.charCodeAt(0) - 0xff61 + 0xa1 : c.charCodeAt(0)));

const SPEC = {
  format: 'kakehashi/linkage/1',
  left: { id: 'pid', family: 'nom', given: 'prenom', birth: 'naissance', sex: 'sexe' },
  right: {
    id: 'no',
    family: 'sei',
    given: 'mei',
    birth: 'birth',
    sex: 'sex',
    encoding: 'shift_jis',
  },
  passes: [['name', 'birth']],
  match: 'one-to-one',
};

type Files = {
  readonly left?: string | Uint8Array;
  readonly right?: string | Uint8Array;
  readonly spec?: object | string;
};

async function link(
  files: Files,
  ...more: string[]
): Promise<{ out: string; err: string; place: string }> {
  const place = scratch();
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(place, name), content);
    return join(place, name);
  };
  const spec = files.spec ?? SPEC;
  const argv = [
    ...['--left', write('left.csv', files.left ?? LEFT)],
    ...['--right', write('right.csv', files.right ?? shiftJis(RIGHT_TEXT))],
    ...['--spec', write('spec.json', typeof spec === 'string' ? spec : JSON.stringify(spec))],
    ...more.map((text) => text.replace('PLACE', place)),
  ];
  const { io, written } = capturedIo();
  await linkCommand(io).exitOverride().parseAsync(argv, { from: 'user' });
  return { ...written, place };
}

describe('kakehashi link', () => {
  test('UTF-8 against Shift_JIS: pairs of identifiers, a summary on stderr', async () => {
    const { out, err } = await link({});
    equal(out, 'left,right\n1,9\n3,8\n');
    equal(/^2 pairs of 4 and 3 rows/.test(err), true);
  });

  test('--json has rows from 0, and quality where a truth is given', async () => {
    const truth = join(scratch(), 'truth.csv');
    writeFileSync(truth, 'left,right\n1,9\n3,8\n4,7\n');
    const { out } = await link({}, '--json', '--truth', truth);
    const answer = JSON.parse(out) as Record<string, unknown>;
    deepStrictEqual(answer['matches'], [
      [0, 0],
      [2, 1],
    ]);
    deepStrictEqual([answer['precision'], answer['recall'], answer['f1']], [1, 2 / 3, 0.8]);
    deepStrictEqual(
      [answer['protocol'], answer['output'], typeof answer['seconds']],
      ['local', 'set', 'number'],
    );
  });

  test('--out writes a new file of the owner, and no second time', async () => {
    const { out, place } = await link({}, '--out', 'PLACE/pairs.csv', '--json');
    const file = join(place, 'pairs.csv');
    equal(readFileSync(file, 'utf8'), 'left,right\n1,9\n3,8\n');
    equal(statSync(file).mode & 0o777, 0o600);
    deepStrictEqual((JSON.parse(out) as { matches: unknown }).matches, { file, count: 2 });
    await refuses('FILE_EXISTS', link({}, '--out', file));
  });

  test('a semicolon or a tab separates where the header says so, fields begin with spaces', async () => {
    const left = LEFT.replace(/,(?! née)/g, '; ');
    equal((await link({ left })).out, 'left,right\n1,9\n3,8\n');
  });

  test('identifiers with separators are quoted again', async () => {
    const left = 'pid,nom,prenom,naissance,sexe\r\n"a,""b""",Otani,Junichi,1985-06-14,M\r\n';
    equal((await link({ left })).out, 'left,right\n"a,""b""",9\n');
  });
});

async function refuses(code: ErrorCode, action: Promise<unknown>, detail = ''): Promise<void> {
  await rejects(action, (error) => {
    equal(error instanceof Refusal, true);
    const { code: found, detail: said, fields } = error as Refusal;
    equal(found, code);
    equal(`${said} ${JSON.stringify(fields ?? {})}`.includes(detail), true, said);
    return true;
  });
}

describe('refused', () => {
  const header = 'pid,nom,prenom,naissance,sexe\n';
  test.each<[string, ErrorCode, Files, string]>([
    ['a column that is missing', 'INVALID_PARAMETER', { left: 'pid,nom\n1,x\n' }, '/left/given'],
    [
      'a column that is there twice',
      'INVALID_PARAMETER',
      { left: `pid,nom,nom,prenom,naissance,sexe\n` },
      '/left/family',
    ],
    ['an empty file', 'COHORT_EMPTY', { left: '' }, ''],
    [
      'a record that is too short',
      'COHORT_UNREADABLE',
      { left: `${header}1,a,b,c,d\n2,a\n` },
      'record 2',
    ],
    [
      'an open quote',
      'COHORT_UNREADABLE',
      { left: `${header}1,"a,b,c,d\n` },
      'quote is not closed',
    ],
    [
      'text behind a quote',
      'COHORT_UNREADABLE',
      { left: `${header}1,"a"b,c,d,e\n` },
      'behind a closing quote',
    ],
    [
      'bytes that are no UTF-8',
      'COHORT_UNREADABLE',
      { left: shiftJis(`${header}1,ｻﾄｳ,x,y,z\n`) },
      'not utf-8',
    ],
    [
      'a name in kanji',
      'INVALID_PARAMETER',
      { left: `${header}1,佐藤,x,y,z\n` },
      'left table, record 1, family',
    ],
    [
      'no identifier',
      'INVALID_PARAMETER',
      { left: `${header},a,b,c,d\n` },
      'record 1: no identifier',
    ],
    ['a specification that is no JSON', 'INVALID_PARAMETER', { spec: '{' }, 'NOT_JSON'],
    ['a wrong specification', 'INVALID_PARAMETER', { spec: { ...SPEC, match: 'some' } }, '/match'],
  ])('%s', (_, code, files, detail) => refuses(code, link(files), detail));

  test('files that are not there', async () => {
    await refuses('FILE_NOT_FOUND', link({}, '--truth', '/nowhere/truth.csv'));
  });
});
