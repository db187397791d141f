/** What a query costs and how exact its answer will be, in words. @module */
import { Rational } from '../base/rational.ts';
import type { PriceAnswer } from '../engine/transport/answer-shapes.ts';
import { amountText, numberText } from './number-text.ts';
import { factLines, plain } from './table.ts';

type MeasureAnswer = PriceAnswer['perMeasure'][number];

/** Three significant digits: an expected error is no more exact than that. */
const widthText = (value: number): string =>
  Number.isInteger(value) ? numberText(value) : String(Number(value.toPrecision(3)));

const withUnit = (value: number, unit: string): string =>
  `±${widthText(value)}${unit === '1' ? '' : ` ${unit}`}`;

const rowsWords = (rows: number | undefined): string =>
  rows === undefined ? '' : `, with ${numberText(rows)} rows in a cell`;

function cellWords({ expected, unit }: MeasureAnswer): string {
  const { byHolder, pooled, rows } = expected;
  const parts = [
    ...(byHolder === undefined ? [] : [`${withUnit(byHolder, unit)} by holder`]),
    ...(pooled === undefined ? [] : [`${withUnit(pooled, unit)} pooled`]),
  ];
  return `${parts.join(', ')} (95 %)${rowsWords(rows)}`;
}

type PartAnswer = NonNullable<MeasureAnswer['parts']>[number];

function partWords({ byHolder, pooled, unit }: PartAnswer): string {
  const width = (value: number | null): string =>
    value === null ? 'not determined' : withUnit(value, unit);
  // Inside one holder there is nobody to pool with.
  const parts = [
    ...(byHolder === undefined ? [] : [`${width(byHolder)} by holder`]),
    ...(byHolder === pooled ? [] : [`${width(pooled)} pooled`]),
  ];
  return `${parts.join(', ')} (95 %)`;
}

/** What is chosen has no half-width: how far off a choice may be, in 95 %. */
const CHOICES: Readonly<
  Record<string, (measure: string, off: number) => readonly [string, string]>
> = {
  top: (measure, off) => [
    `choices of ${measure}`,
    `at most ${numberText(off)} rows short of a label that was passed over (95 %)`,
  ],
  keys: (measure, off) => [
    `values of ${measure}`,
    `one of ${numberText(off)} people is shown in 95 %, of fewer less often`,
  ],
};

function noiseFacts(own: MeasureAnswer): (readonly [string, string])[] {
  const { measure, expected, parts = [], kind } = own;
  const choice = CHOICES[kind]?.(measure, expected.byHolder ?? 0);
  if (choice !== undefined) return [choice];
  const rows = expected.pooled === undefined ? rowsWords(expected.rows) : '';
  return [
    ...(expected.pooled === undefined ? [] : [[`noise of ${measure}`, cellWords(own)] as const]),
    ...parts.map(
      (part) => [`noise of ${measure}, ${part.name}`, `${partWords(part)}${rows}`] as const,
    ),
  ];
}

export function priceLines({
  rho,
  allOthers,
  delta,
  perMeasure,
  cells,
  deadlineSeconds,
}: PriceAnswer): string[] {
  return factLines([
    ['price at every holder', `rho ${amountText(rho)}${delta === '0/1' ? '' : `, delta ${delta}`}`],
    ...(allOthers === undefined
      ? []
      : [
          [
            'against all other holders',
            `rho ${amountText(allOthers)} (no-collusion mode)`,
          ] as const,
        ]),
    ...perMeasure.flatMap(noiseFacts),
    ['cells', numberText(cells)],
    ['answer after', `${deadlineSeconds} s at the least`],
  ]);
}

export type PricedQuery = { readonly file: string; readonly price: PriceAnswer };

type Total = { readonly rho: string; readonly delta: string };

/** What is left of a study at a holder: as it last showed, or what is signed where it showed nothing yet. */
export type LeftAt = { readonly holder: string; readonly left: Total; readonly shown: boolean };

/** What all of them would be charged at every holder. */
function totalOf(priced: readonly PricedQuery[]): Total {
  const sum = (amount: keyof Total): string =>
    priced
      .reduce((all, { price }) => all.plus(Rational.parse(price[amount])), Rational.ZERO)
      .toString();
  return { rho: sum('rho'), delta: sum('delta') };
}

const fits = ({ rho, delta }: Total, { left }: LeftAt): boolean =>
  Rational.parse(rho).atMost(Rational.parse(left.rho)) &&
  Rational.parse(delta).atMost(Rational.parse(left.delta));

/** What several queries cost together, and whether what is left covers all of them. */
export function batchOf(priced: readonly PricedQuery[], left: readonly LeftAt[]) {
  const total = totalOf(priced);
  return {
    queries: priced.map(({ file, price }) => ({ file, ...price })),
    total,
    left: Object.fromEntries(left.map(({ holder, left: own }) => [holder, own])),
    fits: left.every((own) => fits(total, own)),
  };
}

function leftWords(total: Total, own: LeftAt): string {
  const { left, shown } = own;
  const amount = `rho ${amountText(left.rho)}${shown ? '' : ' signed'}`;
  if (!fits(total, own)) return `${amount}: not enough for all of them`;
  const rest = Rational.parse(left.rho).minus(Rational.parse(total.rho));
  return `${amount}, after them ${amountText(rest.toString())}`;
}

export function batchLines(priced: readonly PricedQuery[], left: readonly LeftAt[]): string[] {
  const total = totalOf(priced);
  const { rho, delta } = total;
  return [
    ...priced.flatMap(({ file, price }) => [plain(file), ...priceLines(price), '']),
    ...factLines([
      [
        'all together, at every holder',
        `rho ${amountText(rho)}${delta === '0/1' ? '' : `, delta ${delta}`}`,
      ],
      ...left.map((own) => [`left at ${plain(own.holder)}`, leftWords(total, own)] as const),
    ]),
  ];
}
