/** The linkage format: what is read, and every way in which a document is refused. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { defaultPasses } from '../../src/linkage/passes.ts';
import { parseLinkage } from '../../src/linkage/spec.ts';
import { LINKAGE as valid } from '../support/linkage-spec.ts';
import { present, refused } from '../support/refused.ts';

describe('parseLinkage', () => {
  test('reads the example of the format', () => {
    const spec = parseLinkage(valid);
    deepStrictEqual(spec.passes, valid.passes);
    equal(spec.match, 'one-to-one');
    equal(spec.right.encoding, 'shift_jis');
    equal(spec.left.columns.get('family'), 'nom');
    equal(spec.left.id, 'pid');
  });

  test('passes, match and encodings may be left out', () => {
    const table = { id: 'id', name: 'whole name', birth: 'born' };
    const spec = parseLinkage({ format: 'kakehashi/linkage/1', left: table, right: table });
    deepStrictEqual(
      [spec.passes, spec.match, spec.left.encoding],
      [undefined, 'one-to-one', 'utf-8'],
    );
  });

  const changed = (change: object): unknown => present({ ...valid, ...change });
  test.each([
    ['no object', 7, ['WRONG_TYPE']],
    ['nothing', {}, ['/format MISSING_FIELD', '/left MISSING_FIELD', '/right MISSING_FIELD']],
    ['another format', changed({ format: 'kakehashi/linkage/2' }), ['/format UNKNOWN_VALUE']],
    ['an unknown field', changed({ threshold: 1 }), ['/threshold UNKNOWN_FIELD']],
    [
      'an unknown column',
      changed({ left: { ...valid.left, phone: 'tel' } }),
      ['/left/phone UNKNOWN_FIELD'],
    ],
    [
      'no identifier',
      changed({ left: present({ ...valid.left, id: undefined }) }),
      ['/left/id MISSING_FIELD'],
    ],
    ['only an identifier', changed({ right: { id: 'x' } }), ['/right TOO_FEW_ITEMS']],
    [
      'a column that is no name',
      changed({ left: { ...valid.left, sex: '' } }),
      ['/left/sex WRONG_FORMAT'],
    ],
    [
      'a number for a column',
      changed({ left: { ...valid.left, sex: 3 } }),
      ['/left/sex WRONG_TYPE'],
    ],
    [
      'an encoding',
      changed({ left: { ...valid.left, encoding: 'ebcdic' } }),
      ['/left/encoding UNKNOWN_VALUE'],
    ],
    ['a match rule', changed({ match: 'many-to-many' }), ['/match UNKNOWN_VALUE']],
    ['no passes', changed({ passes: [] }), ['/passes TOO_FEW_ITEMS']],
    ['an empty pass', changed({ passes: [[]] }), ['/passes/0 TOO_FEW_ITEMS']],
    ['passes that are no list', changed({ passes: 'all' }), ['/passes WRONG_TYPE']],
    [
      'an unknown element',
      changed({ passes: [['family', 'shoe']] }),
      ['/passes/0/1 UNKNOWN_VALUE'],
    ],
    ['an inherited name', changed({ passes: [['constructor']] }), ['/passes/0/0 UNKNOWN_VALUE']],
    [
      'an element twice',
      changed({ passes: [['birth', 'birth']] }),
      ['/passes/0/1 DUPLICATE_ELEMENT'],
    ],
    [
      'an element without a column',
      changed({ passes: [['birth', 'postcode']] }),
      ['/passes/0/1 UNKNOWN_COLUMN'],
    ],
    ['too many passes', changed({ passes: Array(33).fill(['birth']) }), ['/passes TOO_MANY_ITEMS']],
    [
      'columns that no default pass has',
      changed({ passes: undefined, left: { id: 'a', sex: 'b' } }),
      ['/passes MISSING_FIELD'],
    ],
  ])('refuses %s', (_, document, errors) =>
    deepStrictEqual(
      refused(() => parseLinkage(document)),
      errors,
    ),
  );
});

test('default passes are those of the columns both tables have, ten at most, strongest first', () => {
  const fields = new Set(['family', 'given', 'birth', 'sex'] as const);
  const passes = defaultPasses(fields, new Set([...fields, 'postcode', 'matricule'] as const));
  equal(passes.length, 10);
  deepStrictEqual(passes[0]?.pass, ['name', 'birth']);
  equal(
    passes.some(({ pass }) => pass.includes('postcode') || pass.includes('matricule')),
    false,
  );
  const all = new Set([...fields, 'matricule', 'postcode', 'place'] as const);
  deepStrictEqual(defaultPasses(all, all)[0]?.pass, ['matricule']);
  equal(defaultPasses(all, all).length, 10);
});
