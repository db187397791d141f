/** The arguments of `kakehashi bench`. @module */
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';

const HELP =
  'bench [CASE] [--sizes N,N] [--full] [--json] [--gate] [--out FILE] [--profile [--contender NAME]]';

export type Options = {
  readonly wanted: string;
  readonly sizes: readonly number[];
  readonly full: boolean;
  readonly json: boolean;
  readonly gate: boolean;
  readonly out: string | undefined;
  readonly profile: boolean;
  readonly contender: string | undefined;
};

/** Says what is wrong and how it goes; the exit code. */
export function usage(message: string): number {
  process.stderr.write(`${message}\n${HELP}\ncases: ${Object.keys(CASES).join(' ')}\n`);
  return 2;
}

/** The options, or what is wrong with them. */
export function parse(argv: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        sizes: { type: 'string', default: '' },
        full: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        gate: { type: 'boolean', default: false },
        out: { type: 'string' },
        profile: { type: 'boolean', default: false },
        contender: { type: 'string' },
      },
    });
    if (positionals.length > 1) return 'one case at a time';
    const sizes = values.sizes === '' ? [] : values.sizes.split(',').map(Number);
    if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
      return '--sizes takes positive integers';
    }
    return {
      ...values,
      wanted: positionals[0] ?? '',
      sizes,
      out: values.out,
      contender: values.contender,
    };
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable arguments';
  }
}
