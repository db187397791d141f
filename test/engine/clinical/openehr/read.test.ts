/** openEHR compositions as records: what paths find, types, people and days, and what is no composition. */
import { deepStrictEqual, ok, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { Refusal } from '../../../../src/base/errors.ts';
import type { OpenEhrMap } from '../../../../src/cohort/openehr-map.ts';
import { readOpenEhr } from '../../../../src/engine/clinical/openehr/read.ts';
import { sharedData } from '../../../support/shared-data.ts';
import { collected, each } from '../collected.ts';

const coded = (code: string, terminology = 'local') => ({
  _type: 'DV_CODED_TEXT',
  value: `text of ${code}`,
  defining_code: {
    _type: 'CODE_PHRASE',
    terminology_id: { _type: 'TERMINOLOGY_ID', value: terminology },
    code_string: code,
  },
});

const element = (node: string, value: object) => ({
  _type: 'ELEMENT',
  name: { _type: 'DV_TEXT', value: `name of ${node}` },
  archetype_node_id: node,
  value,
});

/** One analyte as openEHR-EHR-CLUSTER.laboratory_test_analyte.v1 has it: its name, then its result. */
const analyte = (loinc: string, value: object) => ({
  _type: 'CLUSTER',
  name: { _type: 'DV_TEXT', value: `analyte ${loinc}` },
  archetype_node_id: 'openEHR-EHR-CLUSTER.laboratory_test_analyte.v1',
  items: [element('at0024', coded(loinc, 'LOINC')), element('at0001', value)],
});

const LABORATORY = 'openEHR-EHR-OBSERVATION.laboratory_test_result.v1';

function composition(items: readonly object[], more: object = {}): object {
  const tree = { _type: 'ITEM_TREE', archetype_node_id: 'at0003', items };
  const event = { _type: 'POINT_EVENT', archetype_node_id: 'at0002', data: tree };
  return {
    _type: 'COMPOSITION',
    archetype_node_id: 'openEHR-EHR-COMPOSITION.report-result.v1',
    uid: { _type: 'OBJECT_VERSION_ID', value: 'c1::example.org::1' },
    category: coded('433', 'openehr'),
    context: {
      _type: 'EVENT_CONTEXT',
      start_time: { _type: 'DV_DATE_TIME', value: '2020-02-29T23:30:00-05:00' },
    },
    content: [
      {
        _type: 'OBSERVATION',
        archetype_node_id: LABORATORY,
        subject: { _type: 'PARTY_SELF' },
        data: { _type: 'HISTORY', archetype_node_id: 'at0001', events: [event] },
      },
    ],
    ...more,
  };
}

async function read(map: OpenEhrMap, ...documents: readonly object[]) {
  const texts = documents.map((document, i) => ({
    text: JSON.stringify(document),
    name: `file ${i + 1}`,
  }));
  const records = await collected(readOpenEhr(each(texts), [{ column: 'x', map }]));
  return records.flatMap((record) => (record.kind === 'event' ? [record] : []));
}

const ITEMS = `/content[${LABORATORY}]/data/events/data/items`;
const owned = (document: object, ehr: unknown = 'e1') => ({ ehr_id: ehr, composition: document });
const unreadable = (of: string) => (error: unknown) =>
  error instanceof Refusal && error.code === 'COHORT_UNREADABLE' && error.detail.includes(of);

describe('a path', () => {
  const percent = { _type: 'DV_QUANTITY', magnitude: 6.5, units: '%' };

  test('finds a quantity with its unit, on the day of the context', async () => {
    const document = composition([element('at0004', percent)]);
    const expected = {
      kind: 'event',
      person: 'e1',
      day: '2020-02-29',
      column: 'x',
      value: '6.5',
      unit: '%',
      record: 'c1::example.org::1/content:0/events:0',
    } as const;
    const path = `${ITEMS}[at0004]/value`;
    deepStrictEqual(await read({ path }, owned(document)), [expected]);
    deepStrictEqual(await read({ path: `${path}/magnitude` }, owned(document)), [expected]);
  });

  test('tells analytes of one archetype apart by the code or the name of each', async () => {
    const document = composition([
      analyte('4548-4', percent),
      analyte('2093-3', { _type: 'DV_QUANTITY', magnitude: 203, units: 'mg/dL' }),
    ]);
    const cluster = 'openEHR-EHR-CLUSTER.laboratory_test_analyte.v1';
    const byCode = (code: string) =>
      `${ITEMS}[${cluster} and items[at0024]/value/defining_code/code_string='${code}']/items[at0001]/value`;
    const found = async (path: string) =>
      (await read({ path }, owned(document))).map(({ value, unit }) => [value, unit]);
    deepStrictEqual(await found(byCode('4548-4')), [['6.5', '%']]);
    deepStrictEqual(await found(byCode('2093-3')), [['203', 'mg/dL']]);
    deepStrictEqual(await found(byCode('718-7')), []);
    const byName = `${ITEMS}[${cluster}, 'analyte 2093-3']/items[at0001]/value`;
    deepStrictEqual(await found(byName), [['203', 'mg/dL']]);
    deepStrictEqual((await found(`${ITEMS}[${cluster}]/items[at0001]/value`)).length, 2);
  });

  test('reads each type of value', async () => {
    const value = async (data: object, more: Partial<OpenEhrMap> = {}) =>
      (
        await read(
          { path: `${ITEMS}[at0004]/value`, ...more },
          owned(composition([element('at0004', data)])),
        )
      ).map((record) => record.value);
    deepStrictEqual(await value({ _type: 'DV_COUNT', magnitude: 3 }), ['3']);
    deepStrictEqual(await value({ _type: 'DV_BOOLEAN', value: false }), ['false']);
    deepStrictEqual(await value({ _type: 'DV_TEXT', value: 'G2' }), ['G2']);
    deepStrictEqual(await value({ _type: 'DV_ORDINAL', value: 2, symbol: coded('at1') }), ['2']);
    deepStrictEqual(await value({ _type: 'DV_DATE', value: '1969-12-31' }), ['1969-12-31']);
    const time = { _type: 'DV_DATE_TIME', value: '2014-02-05T12:54:54,5+01:00' };
    deepStrictEqual(await value(time), ['2014-02-05']);
    deepStrictEqual(await value({ ...time, value: '20140205T125454Z' }), ['2014-02-05']);
    deepStrictEqual(await value({ ...time, value: '2014-02' }), ['2014-02']);
    const share = { _type: 'DV_PROPORTION', numerator: 6.5, denominator: 100, type: 2 };
    deepStrictEqual(await value(share), ['6.5']);
    deepStrictEqual(await value({ ...share, type: 0 }), []);
    deepStrictEqual(await value({ ...percent, magnitude_status: '<' }), ['<6.5']);
    deepStrictEqual(await value({ _type: 'DV_MULTIMEDIA', size: 3 }), []);
    deepStrictEqual(await value(coded('at0064')), ['at0064']);
    const values = { 'local::at0064': 'chills', at0065: 'none' };
    deepStrictEqual(await value(coded('at0064'), { values }), ['chills']);
    deepStrictEqual(await value(coded('at0065'), { values }), ['none']);
    deepStrictEqual(await value(coded('at0064', 'other'), { values }), ['at0064']);
    const code = `${ITEMS}[at0004]/value/defining_code/code_string`;
    deepStrictEqual(await value(coded('at0064'), { path: code }), ['at0064']);
    deepStrictEqual(await value(coded('at0064'), { path: `${ITEMS}[at0004]/value/value` }), [
      'text of at0064',
    ]);
  });

  test('finds nothing where an element has no value, and everything where there are several', async () => {
    const missing = { ...element('at0004', {}), value: undefined };
    const document = composition([missing, element('at0004', percent), element('at0004', percent)]);
    deepStrictEqual((await read({ path: `${ITEMS}[at0004]/value` }, owned(document))).length, 2);
  });
});

describe('whose a composition is', () => {
  const people = async (documents: readonly object[], folder?: string) => {
    const texts = documents.map((document) => ({
      text: JSON.stringify(document),
      name: 'file 1',
      ...(folder !== undefined && { folder }),
    }));
    return (await collected(readOpenEhr(each(texts), []))).map(({ person }) => person);
  };
  const referred = (id: string) =>
    composition([], {
      content: [
        {
          _type: 'SECTION',
          archetype_node_id: 'openEHR-EHR-SECTION.adhoc.v1',
          items: [
            {
              _type: 'EVALUATION',
              archetype_node_id: 'openEHR-EHR-EVALUATION.problem_diagnosis.v1',
              subject: {
                _type: 'PARTY_SELF',
                external_ref: { id: { _type: 'HIER_OBJECT_ID', value: id }, type: 'PERSON' },
              },
            },
          ],
        },
      ],
    });

  test('stands beside it, else it is the folder, else the subject', async () => {
    deepStrictEqual(await people([owned(composition([])), owned(referred('s'), { value: 'e2' })]), [
      'e1',
      'e2',
    ]);
    deepStrictEqual(await people([composition([]), referred('s')], 'f1'), ['f1', 'f1']);
    deepStrictEqual(await people([referred('s1')]), ['s1']);
  });

  test('must be said, and the same way for all', async () => {
    await rejects(people([composition([])]), unreadable('does not say whose it is'));
    await rejects(people([owned(referred('s')), referred('s')]), unreadable('people by subject'));
  });
});

describe('what is no composition', () => {
  const path = '/content/data';
  test('is refused, and says where', async () => {
    const refused = async (more: object, at: string) =>
      rejects(read({ path }, owned(composition([], more))), unreadable(`no composition: ${at}`));
    await refused({ _type: 'EHR_STATUS' }, '_type');
    await refused({ archetype_node_id: 1 }, 'archetype_node_id');
    await refused({ category: coded('434', 'openehr') }, 'category');
    await refused({ context: { _type: 'EVENT_CONTEXT_WRONG' } }, 'context');
    await refused({ context: [] }, 'context');
    const start = (value: string) => ({ context: { start_time: { value } } });
    await refused(start('xxxx'), 'context/start_time');
    await refused(start('2020-0102'), 'context/start_time');
    await refused({ content: {} }, 'content');
    await refused({ content: [{ _type: 'OBSERVATIONS' }] }, 'content');
    const section = (items: object[]) => ({ _type: 'SECTION', archetype_node_id: 'a', items });
    let nested = section([]);
    for (let i = 0; i < 40; i += 1) nested = section([nested]);
    await refused({ content: [nested] }, 'sections');
    await rejects(read({ path }, []), unreadable('no JSON object'));
  });

  test('is not what leaves out what follows from the model, nor a persistent one', async () => {
    const item = composition([element('at0004', { _type: 'DV_COUNT', magnitude: 1 })]);
    const day = async (more: object) =>
      (await read({ path: `${ITEMS}[at0004]/value` }, owned({ ...item, ...more })))[0]?.day;
    const context = { start_time: { value: '20200102T030405Z' } };
    deepStrictEqual(await day({ context }), '2020-01-02');
    deepStrictEqual(await day({ context: undefined, category: coded('431') }), null);
    deepStrictEqual(await day({ context: { start_time: { value: '2020-01' } } }), null);
  });
});

describe.skipIf(sharedData('openehr') === undefined)('compositions of openEHR_SDK', () => {
  const document = (name: string): object =>
    JSON.parse(readFileSync(sharedData(`openehr/${name}`) ?? '', 'utf8')) as object;

  test('give their values', async () => {
    const report = owned(document('laboratory_report.json'));
    const result =
      "/content[openEHR-EHR-OBSERVATION.lab_test-result.v1]/data[at0001]/events[at0002]/data[at0003]/items[at0095]/items[at0096 and name/defining_code/code_string='2093-3']/items[at0112]/value";
    const [cholesterol, ...others] = await read({ path: result }, report);
    deepStrictEqual(
      [cholesterol?.value, cholesterol?.unit, cholesterol?.day, others],
      ['203', 'mg/dL', '2014-02-05', []],
    );
    const vitals = owned(document('demo_vitals_352.json'));
    const temperature =
      '/content/items[openEHR-EHR-OBSERVATION.body_temperature-zn.v1]/data/events/data/items';
    const [degrees] = await read({ path: `${temperature}[at0004]/value/magnitude` }, vitals);
    deepStrictEqual([degrees?.value, degrees?.unit, degrees?.day], ['37.2', '°C', '2020-10-26']);
    const symptoms = {
      path: `${temperature}[at0.63]/value`,
      values: { 'local::at0.64': 'chills' },
    };
    deepStrictEqual((await read(symptoms, vitals))[0]?.value, 'chills');
  });

  test('are read without content and in the size of a patient summary', async () => {
    for (const name of [
      'laboratory_report_no_content.json',
      'minimal_evaluation.json',
      'ips_canonical.json',
    ]) {
      ok(Array.isArray(await read({ path: '/content/data' }, owned(document(name)))), name);
    }
  });

  test('are refused where one was made wrong', async () => {
    await rejects(
      read({ path: '/content/data' }, owned(document('invalid.json'))),
      unreadable('no composition: context'),
    );
  });
});
