/** FHIR resources as records: each field, what is dropped, and every form of a reference and a day. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../../../src/base/errors.ts';
import type { FhirMap } from '../../../../src/cohort/fhir-map.ts';
import { readFhir, type ResourceCounts } from '../../../../src/engine/clinical/fhir/read.ts';
import { collected, each } from '../collected.ts';

const HBA1C = 'http://loinc.org|4548-4';
const DIABETES = 'http://snomed.info/sct|44054006';

/** Records of one column `x`, without the patients that are only seen. */
async function read(map: FhirMap, ...resources: readonly object[]) {
  const lines = each(resources.map((resource) => JSON.stringify(resource)));
  const records = await collected(readFhir(lines, [{ column: 'x', map }], 'file 1'));
  return records.flatMap((record) => (record.kind === 'seen' ? [] : [record]));
}

const values = async (map: FhirMap, ...resources: readonly object[]) =>
  (await read(map, ...resources)).map(({ value }) => value);

const coding = (token: string) => {
  const [system, code] = token.split('|');
  return { coding: [{ system, code }] };
};

const observation = (more: object): object => ({
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: coding(HBA1C),
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2020-02-29T23:30:00-05:00',
  ...more,
});

const quantity = (value: number, more: object = {}) => ({
  valueQuantity: {
    value,
    unit: 'percent',
    system: 'http://unitsofmeasure.org',
    code: '%',
    ...more,
  },
});

const condition = (more: object): object => ({
  resourceType: 'Condition',
  id: 'c1',
  code: coding(DIABETES),
  subject: { reference: 'Patient/p1' },
  ...more,
});

describe('a Patient', () => {
  const patient = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1950-02-28' };

  test('is seen, also where no column is read from it', async () => {
    const map: FhirMap = { resource: 'Condition', code: DIABETES, field: 'present' };
    const lines = each([JSON.stringify(patient)]);
    deepStrictEqual(await collected(readFhir(lines, [{ column: 'x', map }], 'file 1')), [
      { kind: 'seen', person: 'p1' },
    ]);
  });

  test('has its fields as facts', async () => {
    const gender: FhirMap = {
      resource: 'Patient',
      field: 'gender',
      values: { female: 'F', male: 'M' },
    };
    deepStrictEqual(await read(gender, patient), [
      { kind: 'person', person: 'p1', column: 'x', value: 'F' },
    ]);
    deepStrictEqual(await values(gender, { ...patient, gender: 'other' }), ['other']);
    const birth: FhirMap = { resource: 'Patient', field: 'birthDate' };
    deepStrictEqual(await values(birth, patient), ['1950-02-28']);
    // Less than a day goes on, to be counted as unreadable.
    deepStrictEqual(await values(birth, { ...patient, birthDate: '1950-02' }), ['1950-02']);
    deepStrictEqual(await values(birth, { ...patient, birthDate: 1950 }), []);
  });

  test('has died on a day, or has died, or has not', async () => {
    const deceased: FhirMap = { resource: 'Patient', field: 'deceased' };
    const day: FhirMap = { resource: 'Patient', field: 'deceasedDate' };
    const dead = { ...patient, deceasedDateTime: '2021-03-04T05:06:07Z' };
    deepStrictEqual(await values(deceased, dead), ['true']);
    deepStrictEqual(await values(day, dead), ['2021-03-04']);
    deepStrictEqual(await values(deceased, { ...patient, deceasedBoolean: false }), ['false']);
    deepStrictEqual(await values(deceased, patient), []);
    deepStrictEqual(await values(day, { ...patient, deceasedBoolean: true }), []);
  });
});

describe('an Observation', () => {
  const value: FhirMap = { resource: 'Observation', code: HBA1C, field: 'value' };

  test('is an event of the day that was written down, with its UCUM unit', async () => {
    deepStrictEqual(await read(value, observation(quantity(6.5))), [
      {
        kind: 'event',
        person: 'p1',
        column: 'x',
        value: '6.5',
        unit: '%',
        day: '2020-02-29',
        record: 'Observation/o1',
      },
    ]);
  });

  test('has the unit that is written where there is no code of UCUM', async () => {
    const local = quantity(6.5, { system: 'urn:local', code: 'pct' });
    const [found] = await read(value, observation(local));
    deepStrictEqual(found?.unit, 'percent');
    const bare = { valueQuantity: { value: 6.5 } };
    deepStrictEqual('unit' in ((await read(value, observation(bare)))[0] ?? {}), false);
  });

  test('below a limit of its method is not the limit', async () => {
    deepStrictEqual(await values(value, observation(quantity(4, { comparator: '<' }))), ['<4']);
  });

  test('is dropped where it says that it does not hold', async () => {
    for (const status of ['entered-in-error', 'cancelled', 'registered']) {
      deepStrictEqual(await values(value, observation({ ...quantity(6), status })), [], status);
    }
    for (const status of ['preliminary', 'amended', 'corrected', 'unknown']) {
      deepStrictEqual(await values(value, observation({ ...quantity(6), status })), ['6'], status);
    }
  });

  test('of another code, or of the code in another system, is another one', async () => {
    const other = { ...quantity(6), code: coding('http://loinc.org|2093-3') };
    const system = { ...quantity(6), code: coding('urn:local|4548-4') };
    deepStrictEqual(await values(value, observation(other), observation(system)), []);
    const both = { coding: [...coding('urn:x|1').coding, ...coding(HBA1C).coding] };
    deepStrictEqual(await values(value, observation({ ...quantity(6), code: both })), ['6']);
  });

  test('may hold the value in a component', async () => {
    const systolic = 'http://loinc.org|8480-6';
    const panel = observation({
      code: coding('http://loinc.org|85354-9'),
      component: [
        { code: coding(systolic), ...quantity(120, { code: 'mm[Hg]' }) },
        { code: coding('http://loinc.org|8462-4'), ...quantity(80, { code: 'mm[Hg]' }) },
      ],
    });
    const found = await read({ resource: 'Observation', code: systolic, field: 'value' }, panel);
    deepStrictEqual(
      found.map((record) => [record.value, record.unit]),
      [['120', 'mm[Hg]']],
    );
  });

  test('may hold a code, a text, a number or a truth value', async () => {
    const smoker = observation({
      valueCodeableConcept: {
        coding: [
          { system: 'urn:local', code: 'S' },
          { system: 'http://snomed.info/sct', code: '449868002' },
        ],
      },
    });
    const code: FhirMap = { resource: 'Observation', code: HBA1C, field: 'valueCode' };
    const named = { 'http://snomed.info/sct|449868002': 'daily' };
    deepStrictEqual(await values({ ...code, values: named }, smoker), ['daily']);
    deepStrictEqual(await values(code, smoker), ['S']);
    deepStrictEqual(await values(code, observation(quantity(6))), []);
    deepStrictEqual(
      await values(
        value,
        observation({ valueInteger: 3 }),
        observation({ valueBoolean: false }),
        observation({ valueString: 'G2' }),
        observation({ valueDateTime: '2020-01-02T03:04:05+09:00' }),
        observation({ dataAbsentReason: coding('urn:x|unknown') }),
      ),
      ['3', 'false', 'G2', '2020-01-02'],
    );
  });

  test('is of the day that its effective time names', async () => {
    const days = async (more: object) =>
      (
        await read(value, observation({ ...quantity(6), effectiveDateTime: undefined, ...more }))
      ).map((record) => (record.kind === 'event' ? record.day : record.kind));
    deepStrictEqual(await days({ effectiveInstant: '2020-03-01T00:00:00.5+09:00' }), [
      '2020-03-01',
    ]);
    const period = { start: '2020-03-02', end: '2020-03-04' };
    deepStrictEqual(await days({ effectivePeriod: period }), ['2020-03-02']);
    deepStrictEqual(await days({ effectivePeriod: { end: '2020-03-04' } }), ['2020-03-04']);
    deepStrictEqual(await days({ effectiveDateTime: '2020-03' }), [null]);
    deepStrictEqual(await days({ effectiveDateTime: '2020-02-30' }), [null]);
    deepStrictEqual(await days({ issued: '2020-03-05T00:00:00Z' }), [null]);
    deepStrictEqual(
      await values({ resource: 'Observation', code: HBA1C, field: 'day' }, observation({})),
      ['2020-02-29'],
    );
  });

  test('is of the patient that its subject refers to', async () => {
    const people = async (reference: string) =>
      (await read(value, observation({ ...quantity(6), subject: { reference } }))).map(
        ({ person }) => person,
      );
    deepStrictEqual(await people('Patient/a-1.B'), ['a-1.B']);
    deepStrictEqual(await people('https://ehr.example/fhir/Patient/7'), ['7']);
    deepStrictEqual(await people('Patient/7/_history/2'), ['7']);
    const uuid = '51e625db-6ba0-22f2-a009-610850cd8164';
    deepStrictEqual(await people(`urn:uuid:${uuid}`), [uuid]);
    for (const other of ['#p1', 'Group/7', 'Patient/', 'Patient/a/b', 'NotPatient/7']) {
      deepStrictEqual(await people(other), [], other);
    }
  });
});

describe('what somebody has or was given', () => {
  const present: FhirMap = {
    resource: 'Condition',
    code: DIABETES,
    field: 'present',
    values: { true: 'yes', false: 'no' },
  };

  test('a condition is a fact, unless it was refuted or an error', async () => {
    deepStrictEqual(await read(present, condition({})), [
      { kind: 'person', person: 'p1', column: 'x', value: 'yes' },
    ]);
    const system = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
    const verified = (code: string) =>
      condition({ verificationStatus: coding(`${system}|${code}`) });
    for (const code of ['refuted', 'entered-in-error']) {
      deepStrictEqual(await values(present, verified(code)), [], code);
    }
    for (const code of ['confirmed', 'provisional', 'differential', 'unconfirmed']) {
      deepStrictEqual(await values(present, verified(code)), ['yes'], code);
    }
  });

  test('its onset is a day of the person, and no other date stands in for it', async () => {
    const onset: FhirMap = { ...present, field: 'onsetDay' };
    const from = { onsetPeriod: { start: '2001-02-03T00:00:00Z' } };
    deepStrictEqual(await read(onset, condition({ onsetDateTime: '1969-12-31' })), [
      { kind: 'person', person: 'p1', column: 'x', value: '1969-12-31' },
    ]);
    deepStrictEqual(await values(onset, condition(from)), ['2001-02-03']);
    const recorded = condition({ recordedDate: '2010-01-01' });
    deepStrictEqual(await values(onset, recorded), []);
    deepStrictEqual(await values({ ...present, field: 'day' }, recorded), ['2010-01-01']);
  });

  test('a medication counts where it was taken or ordered', async () => {
    const insulin = 'http://www.whocc.no/atc|A10AB01';
    const taken = (more: object): object => ({
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: coding(insulin),
      subject: { reference: 'Patient/p1' },
      effectivePeriod: { start: '2019-01-01' },
      ...more,
    });
    const map = { resource: 'MedicationStatement', code: insulin } as const;
    deepStrictEqual(await values({ ...map, field: 'present' }, taken({})), ['true']);
    deepStrictEqual(await values({ ...map, field: 'firstDay' }, taken({})), ['2019-01-01']);
    deepStrictEqual(await values({ ...map, field: 'present' }, taken({ status: 'not-taken' })), []);
    const order = { resource: 'MedicationRequest', code: insulin, field: 'day' } as const;
    const ordered = {
      ...taken({ authoredOn: '2019-02-01T08:00:00+01:00' }),
      resourceType: 'MedicationRequest',
    };
    deepStrictEqual(await values(order, ordered), ['2019-02-01']);
    deepStrictEqual(await values(order, { ...ordered, doNotPerform: true }), []);
  });

  test('an encounter has a class and a day', async () => {
    const visit = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/p1' },
      period: { start: '2020-05-06T07:00:00Z' },
    };
    const map: FhirMap = { resource: 'Encounter', field: 'class', values: { AMB: 'outpatient' } };
    deepStrictEqual(await read(map, visit), [
      { kind: 'event', person: 'p1', column: 'x', value: 'outpatient', day: '2020-05-06' },
    ]);
    deepStrictEqual(await values(map, { ...visit, status: 'cancelled' }), []);
  });
});

describe('a line', () => {
  const reading = async (...lines: string[]) => {
    const counts: ResourceCounts = new Map();
    await collected(readFhir(each(lines), [], 'file 1', counts));
    return Object.fromEntries(counts);
  };

  test('that is empty is nothing, and of another resource is counted', async () => {
    deepStrictEqual(await reading('', '{"resourceType":"Device"}\r', ''), { Device: 1 });
  });

  test('that is no resource is refused with its number', async () => {
    const at = (line: number) => (error: unknown) =>
      error instanceof Refusal &&
      error.code === 'COHORT_UNREADABLE' &&
      error.detail.startsWith(`file 1: line ${line}: `);
    await rejects(reading('{"resourceType":"Patient","id":"p'), at(1));
    await rejects(reading('{"resourceType":"Patient"}', '[]'), at(2));
    await rejects(reading('', '{"id":"p1"}'), at(2));
    await rejects(reading('{"resourceType":"Bundle","entry":[]}'), at(1));
  });

  test('of values that have other types than they should gives nothing', async () => {
    const map: FhirMap = { resource: 'Observation', code: HBA1C, field: 'value' };
    for (const wrong of [null, 1, 'x', [], [[]], {}, { coding: {} }, { coding: [null, 1] }]) {
      const odd = { code: wrong, subject: wrong, component: wrong, valueQuantity: wrong };
      deepStrictEqual(await values(map, observation(odd)), []);
    }
  });
});
