/** The queries of a holder as columns, one row each: for CSV and Arrow. @module */
import { Rational } from '../base/rational.ts';
import type { HistoryAnswer } from './budget-answers.ts';
import { expectedText } from './budget-view.ts';
import type { TableColumn } from './release-columns.ts';

export function budgetColumns({ queries }: HistoryAnswer): TableColumn[] {
  type Query = HistoryAnswer['queries'][number];
  const text = (name: string, of: (query: Query) => string | null): TableColumn => ({
    name,
    type: 'text',
    values: queries.map(of),
  });
  const number = (name: string, of: (query: Query) => string): TableColumn => ({
    name,
    type: 'number',
    values: queries.map((query) => Number(of(query))),
  });
  return [
    text('run', ({ run }) => run),
    text('study', ({ study }) => study),
    text('at', ({ at }) => at),
    text('state', ({ state }) => state),
    text('code', ({ code }) => code ?? null),
    text('analyst', ({ analyst }) => analyst),
    text('query', ({ words }) => words),
    // Exact as a fraction; the number beside it is for charts.
    text('price', ({ price }) => price),
    number('price_rho', ({ price }) => String(Rational.parse(price).toNumber())),
    { name: 'charged', type: 'truth', values: queries.map(({ charged }) => charged) },
    text('epochs', ({ epochs }) => epochs.join(' ')),
    text('expected', ({ expected }) => expectedText(expected)),
    text('delta', ({ delta }) => delta),
    text('colluder_rho', ({ colluder }) => colluder.rho),
    number('colluder_epsilon', ({ colluder }) => colluder.epsilon),
    number('colluder_found_percent', ({ colluder }) => colluder.attacker),
    text('outsider_rho', ({ outsider }) => outsider.rho),
    number('outsider_epsilon', ({ outsider }) => outsider.epsilon),
    number('outsider_found_percent', ({ outsider }) => outsider.attacker),
    text('outsider_law', ({ outsider }) => outsider.law),
  ];
}
