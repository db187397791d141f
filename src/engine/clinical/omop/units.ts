/**
 * UCUM codes of unit_concept_id. The CONCEPT table of the holder's own vocabulary decides; for
 * what it does not have there is this table of units that are converted (cohort/units.ts).
 *
 * Source  vocabulary UCUM in the CONCEPT table of OHDSI/EunomiaDatasets Synthea27Nj for CDM 5.4
 *         (vocabulary v5.0 09-APR-22), standard concepts only. %{JDS} has none.
 * @module
 */
export const UNIT_CONCEPTS: readonly (readonly [concept: number, ucum: string])[] = [
  [8554, '%'],
  [9579, 'mmol/mol'],
  [8636, 'g/L'],
  [8713, 'g/dL'],
  [8751, 'mg/L'],
  [8840, 'mg/dL'],
  [9586, 'mol/L'],
  [8753, 'mmol/L'],
  [8749, 'umol/L'],
  [8504, 'g'],
  [9529, 'kg'],
  [9546, 'm'],
  [8582, 'cm'],
  [8588, 'mm'],
  [9327, '[in_i]'],
  [586323, 'Cel'],
  [9523, 'K'],
  [9289, '[degF]'],
  [8512, 'd'],
  [8511, 'wk'],
  [9580, 'mo'],
  [9448, 'a'],
];
