/** What is chosen inside a holder, in plain English for its stewards: written from the plan. @module */
import { check } from '../../base/errors.ts';
import type { Choice, Inside } from './choice.ts';

const epsilonWords = ({ epsilon }: Choice): string =>
  `epsilon ${String(Number(epsilon.toNumber().toPrecision(3)))}`;

const numbers = (count: number): string => `${count} ${count === 1 ? 'number' : 'numbers'}`;

function choiceWords(choice: Choice, column: string | undefined): string {
  switch (choice.kind) {
    case 'top':
      return `Counts rows by ${column ?? ''}, and of ${choice.content.parts} labels names the ${choice.k} with the most, in order and without their counts, each chosen at random with ${epsilonWords(choice)}.`;
    case 'keys':
      return `Counts people by value of ${choice.column}, and names values, ${choice.most} at the most, each shown or not at random by its number of people with ${epsilonWords(choice)} and delta ${choice.delta.toString()}, never one of fewer than ${choice.least}.`;
    case 'median':
    case 'winsorised': {
      const { image, blocks, fields, columns } = choice.content;
      const how = choice.kind === 'median' ? 'the median' : 'the winsorised mean';
      return `Runs image ${image} on each of ${blocks} blocks of people, with ${columns.map(({ name }) => name).join(', ')}, and releases ${how} of its answers, ${numbers(fields.length)} within declared bounds, each drawn with ${epsilonWords(choice)}.`;
    }
  }
}

export const insideWords = ({ choices, measures }: Inside): string[] =>
  choices.map(({ choice }, i) => {
    const measure = measures[i];
    check(measure !== undefined, 'INTERNAL', 'a choice without its measure');
    return choiceWords(choice, 'column' in measure ? measure.column : undefined);
  });
