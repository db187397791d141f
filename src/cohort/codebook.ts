/** The cohort section in plain words: what a holder's file must hold, and what leaves it at most. @module */
import { columnSource, personHeader, ruleOf, sourceMap } from './column-source.ts';
import type { Language } from './column-shape.ts';
import { conversionWords } from './conversion.ts';
import { derivedWords } from './derived-column.ts';
import { valueLabel } from './labels.ts';
import type { CohortSection, ColumnSpec } from './schema.ts';
import { isRecordMap, recordWords } from './source-map.ts';
import { analyteOf } from './units.ts';

/** A value as files have it, and what people call it. */
function valueWords(spec: ColumnSpec, value: string, language: Language): string {
  const label = valueLabel(spec, value, language);
  return label === undefined ? `"${value}"` : `"${value}" (${label})`;
}

/** What a column may hold; the whole domain, for a steward signs it. */
export function columnWords(name: string, spec: ColumnSpec, language: Language = 'en'): string {
  switch (spec.type) {
    case 'category':
      return `one of ${spec.domain.map((value) => valueWords(spec, value, language)).join(', ')}`;
    case 'integer':
      return `whole number from ${spec.min} to ${spec.max}${unitWords(name, spec)}${derivedWords(spec)}`;
    case 'number':
      return `number from ${spec.min} to ${spec.max}${unitWords(name, spec)}, in steps of ${spec.step}`;
    case 'date':
      return `date from ${spec.min} to ${spec.max}`;
  }
}

type Measured = Parameters<typeof analyteOf>[1];

function unitWords(name: string, spec: Measured): string {
  const analyte = analyteOf(name, spec);
  const what = analyte === undefined ? '' : ` of ${analyte}`;
  return spec.unit === undefined ? '' : ` ${spec.unit}${what}`;
}

/** Where each holder has the column; nothing where all have it as the study does. */
function sourceWords(section: CohortSection, name: string): string[] {
  const maps = Object.values(section.maps ?? {});
  if (!maps.some((map) => Object.hasOwn(map, name))) return [];
  return Object.keys(section.declaredSize).map((holder) => {
    const map = sourceMap(section, holder, name);
    if (map !== undefined && isRecordMap(map)) {
      const missing = map.unit === undefined ? '' : `, in ${map.unit} where a record has no unit`;
      return `${name} at ${holder}: ${recordWords(map)}${missing}`;
    }
    const source = columnSource(section, holder, name);
    const rule = ruleOf(source);
    const unit = source.units === undefined ? '' : ` in ${source.units.source}`;
    const words = rule === undefined ? '' : `, converted: ${conversionWords(rule)}`;
    return `${name} at ${holder}: column ${source.header}${unit}${words}`;
  });
}

/** How each holder's files differ from the columns of the study, and how units are converted. */
export function mapWords(section: CohortSection): string[] {
  const { person, columns, declaredSize } = section;
  const people = Object.keys(declaredSize).flatMap((holder) => {
    const header = personHeader(section, holder);
    return header === person ? [] : [`${person} at ${holder}: column ${header}`];
  });
  const concepts =
    section.concepts === undefined
      ? []
      : ['a query may select people by the OMOP concepts on their record'];
  return [
    ...people,
    ...Object.keys(columns).flatMap((name) => sourceWords(section, name)),
    ...concepts,
  ];
}
