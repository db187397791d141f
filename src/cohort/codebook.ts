/** The cohort section in plain words: what a holder's file must hold, and what leaves it at most. @module */
import type { CohortSection, ColumnSpec } from './schema.ts';

/** Longer domains are cut: the study file has them all. */
const SHOWN = 20;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function columnWords(spec: ColumnSpec): string {
  switch (spec.type) {
    case 'category': {
      const shown = spec.domain.slice(0, SHOWN).map((value) => `"${value}"`);
      const more = spec.domain.length - shown.length;
      return `one of ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    }
    case 'integer':
      return `whole number from ${spec.min} to ${spec.max}${unitWords(spec.unit)}`;
    case 'number':
      return `number from ${spec.min} to ${spec.max}${unitWords(spec.unit)}, in steps of ${spec.step}`;
    case 'date':
      return `date from ${spec.min} to ${spec.max}`;
  }
}

const unitWords = (unit: string | undefined): string => (unit === undefined ? '' : ` ${unit}`);

export function codebook(section: CohortSection): string[] {
  const { rowsPerPerson, cellsPerPerson } = section;
  const maps = Object.entries(section.maps ?? {}).flatMap(([holder, map]) =>
    Object.entries(map).map(([name, source]) => {
      const unit = source.unit === undefined ? '' : `, in ${source.unit}`;
      return `at ${holder}, ${name} is read from ${source.column}${unit}`;
    }),
  );
  return [
    `people are told apart by ${section.person}`,
    `one person adds at most ${plural(rowsPerPerson, 'row')} to at most ${plural(cellsPerPerson, 'cell')} of a result`,
    ...Object.entries(section.declaredSize).map(
      ([name, size]) => `${name} declares ${size} people`,
    ),
    `missing values are written ${section.nulls.map((text) => `"${text}"`).join(', ') || 'in no special way'}`,
    ...Object.entries(section.columns).map(([name, spec]) => `${name}: ${columnWords(spec)}`),
    ...maps,
  ];
}
