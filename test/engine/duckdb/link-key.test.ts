/** The key of an identifier is what the database makes of it when a cohort is loaded. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { linkHash } from '../../../src/engine/duckdb/content.ts';
import { linkKey } from '../../../src/engine/duckdb/link-key.ts';
import { Parameters } from '../../../src/engine/duckdb/parameters.ts';
import { cleanSql } from '../../../src/engine/duckdb/parse-sql.ts';
import { Session } from '../../../src/engine/duckdb/session.ts';
import { scratch } from '../../support/scratch.ts';
import { STUDY } from './loaded.ts';

/** ASCII, blanks of every kind, composed and decomposed accents, kana of both widths, beyond the basic plane. */
const IDENTIFIERS = [
  'p1',
  '  p1\t\r',
  '\u00a0p1',
  'p 1',
  'é',
  'e\u0301',
  'ﾀﾅｶ',
  'タナカ',
  'か\u3099',
  '𠮷野',
  "o'neill",
  '1893120105732',
];

test('of every identifier, in the same key as in SQL', async () => {
  const session = await Session.open({
    file: ':memory:',
    threads: 1,
    memoryLimit: '256MB',
    tmpDirectory: scratch(),
    readOnly: false,
  });
  try {
    for (const identifier of IDENTIFIERS) {
      const parameters = new Parameters();
      const text = cleanSql(parameters.text(identifier));
      const [[digest] = []] = await session.rows(
        `SELECT left(${linkHash(STUDY, text, parameters)}, 32)`,
        parameters,
      );
      equal(linkKey(STUDY, identifier), digest, JSON.stringify(identifier));
    }
  } finally {
    session.close();
  }
  deepStrictEqual([linkKey(STUDY, ''), linkKey(STUDY, ' \t')], [undefined, undefined]);
});
