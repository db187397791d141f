/**
 * The patient of the extended example of HL7's mCODE guide (input/fsh/EX_ExtendedExample.fsh), as
 * resources of FHIR R4. The guide has it in FHIR Shorthand; what is needed of that is read here.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import type { FhirMap } from '../../../../src/cohort/fhir-map.ts';
import { readFhir } from '../../../../src/engine/clinical/fhir/read.ts';
import { sharedData } from '../../../support/shared-data.ts';
import { collected, each } from '../collected.ts';

const FILE = sharedData('fhir/mcode_EX_ExtendedExample.fsh');
const SYSTEMS: Readonly<Record<string, string>> = {
  SCT: 'http://snomed.info/sct',
  LNC: 'http://loinc.org',
  RXN: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  VerStatus: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
};

/** The base resource of each profile that is used here. */
const RESOURCES: Readonly<Record<string, string>> = {
  CancerPatient: 'Patient',
  PrimaryCancerCondition: 'Condition',
  USCoreCondition: 'Condition',
  USCoreProcedure: 'Procedure',
  CancerRelatedMedicationRequest: 'MedicationRequest',
  ...Object.fromEntries(
    [...['Observation', 'USCoreSmokingStatusProfile', 'TumorMarkerTest', 'TNMStageGroup']].map(
      (profile) => [profile, 'Observation'],
    ),
  ),
};

function valueOf(text: string): unknown {
  const coded = /^(\w*)#(\S+)/.exec(text);
  if (coded?.[1] === '') return coded[2];
  const [, alias = '', code] = coded ?? [];
  if (code !== undefined) return { coding: [{ system: SYSTEMS[alias] ?? alias, code }] };
  const reference = /^Reference\((\S+)\)/.exec(text)?.[1];
  if (reference !== undefined) return { reference: `Patient/${reference}` };
  const [, number, unit] = /^(-?[\d.]+) '([^']+)'/.exec(text) ?? [];
  if (number !== undefined) {
    return { value: Number(number), system: 'http://unitsofmeasure.org', code: unit };
  }
  return /^"([^"]*)"/.exec(text)?.[1] ?? text.trim();
}

function resourcesOf(shorthand: string): object[] {
  return shorthand.split(/^Instance: */m).flatMap((instance) => {
    const profile = /^InstanceOf: *(\S+)/m.exec(instance)?.[1] ?? '';
    const resourceType = RESOURCES[profile];
    if (resourceType === undefined) return [];
    const elements: [string, unknown][] = [...instance.matchAll(/^\* (\w+) = (.+)$/gm)].map(
      ([, name = '', text = '']) => [name, valueOf(text)],
    );
    return [
      { resourceType, id: /^\S+/.exec(instance)?.[0], ...(Object.fromEntries(elements) as object) },
    ];
  });
}

describe.skipIf(FILE === undefined)('the extended example of mCODE', () => {
  const values = async (map: FhirMap) => {
    const lines = resourcesOf(readFileSync(FILE ?? '', 'utf8')).map((one) => JSON.stringify(one));
    ok(lines.length > 10, 'control: there are resources');
    const columns = [{ column: 'x', map }];
    const records = await collected(readFhir(each(lines), columns, 'file 1'));
    return records.flatMap((record) => {
      deepStrictEqual(record.person, 'cancer-patient-jenny-m');
      if (record.kind === 'seen') return [];
      const unit = record.unit === undefined ? '' : ` ${record.unit}`;
      return [`${record.value}${unit}${record.kind === 'event' ? ` on ${record.day ?? '?'}` : ''}`];
    });
  };
  const observation = (code: string, field: 'value' | 'valueCode' = 'value'): FhirMap => ({
    ...{ resource: 'Observation', code, field },
  });

  test('is a woman born in 1965, with breast cancer since 2018 and anxiety since 2005', async () => {
    const gender: FhirMap = { resource: 'Patient', field: 'gender', values: { female: 'F' } };
    deepStrictEqual(await values(gender), ['F']);
    deepStrictEqual(await values({ resource: 'Patient', field: 'birthDate' }), ['1965-01-01']);
    const onset = (code: string): FhirMap => ({ resource: 'Condition', code, field: 'onsetDay' });
    deepStrictEqual(await values(onset('http://snomed.info/sct|353431000119107')), ['2018-03-16']);
    deepStrictEqual(await values(onset('http://snomed.info/sct|48694002')), ['2005-01-01']);
  });

  test('has markers, a smoking history and a mammogram of the days that they are of', async () => {
    const result = { 'http://loinc.org|LA6576-8': 'positive', 'LA6577-6': 'negative' };
    const marker = (code: string) => values({ ...observation(code, 'valueCode'), values: result });
    deepStrictEqual(await marker('http://loinc.org|85337-4'), ['positive on 2018-03-10']);
    deepStrictEqual(await marker('http://loinc.org|48676-1'), ['negative on 2018-03-10']);
    const packYears = 'http://snomed.info/sct|401201003';
    deepStrictEqual(await values(observation(packYears)), ['20 1 on 2018-03-16']);
    deepStrictEqual(
      await values({
        resource: 'Procedure',
        code: 'http://snomed.info/sct|71651007',
        field: 'day',
      }),
      ['2018-02-01 on 2018-02-01'],
    );
  });
});
