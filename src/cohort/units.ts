/**
 * Units in which a column may arrive, and the linear conversions between them.
 *
 * Units are UCUM codes, case sensitive (ucum.org). Each has a kind and a conversion to one base
 * unit of that kind, so that two units of a kind convert through it. Whatever is not in these
 * tables is not converted, and a column whose unit has no rule to the study's is refused: a value
 * read in another unit than it was written in is wrong, and looks right.
 *
 * Some codes do not say enough. mg/dL becomes mmol/L only for a substance with a molar mass, and
 * mmol/mol and % are two ways to write a fraction (1 % = 10 mmol/mol) but of HbA1c two scales with
 * different calibrators. Such conversions need the analyte of the column.
 *
 * Sources
 *   [H04]  NGSP = 0.09148 · IFCC + 2.152. Hoelzel et al., Clin Chem 50:166-174, 2004; with IFCC in
 *          mmol/mol and these digits: ngsp.org/ifcc.asp.
 *   [K12]  NGSP = 1.02 · JDS + 0.25. Kashiwagi et al., J Diabetes Investig 3:39-40, 2012.
 *   [UCUM] ucum-essence.xml: the definitions of prefixes, wk = 7 d, a = a_j = 365.25 d,
 *          mo = mo_j = a_j / 12, Celsius; the pound is 453.59237 g and the inch 2.54 cm by the
 *          international yard and pound agreement of 1959.
 *   [M]    molar masses as clinical chemistry rounds them, in g/mol: glucose C6H12O6 180.156,
 *          creatinine C4H7N3O 113.12 (mg/dL · 88.4 = umol/L), cholesterol C27H46O 386.65, the same
 *          for its fractions, which are measured as cholesterol (mg/dL ÷ 38.67 = mmol/L);
 *          triglycerides are a mixture without a molar mass: 885.7 by convention
 *          (mg/dL ÷ 88.57 = mmol/L).
 *
 * Known limits: [H04] and [K12] are regressions between methods, not identities. IFCC to JDS goes
 * through NGSP, which from 20 to 75 mmol/mol is within 0.1 % (JDS) of the direct equation of [H04],
 * 0.0927 · IFCC + 1.73. a, mo and d are mean Julian lengths: the calendar differs by up to a day.
 * @module
 */
import { Rational } from '../base/rational.ts';
import { chained, type Conversion, IDENTITY, inverse, isIdentity } from './conversion.ts';

/** What a column may measure, where its unit alone does not say how to convert it. */
export const ANALYTES = [
  'hba1c',
  'glucose',
  'creatinine',
  'cholesterol',
  'hdl-cholesterol',
  'ldl-cholesterol',
  'triglycerides',
] as const;

export type Analyte = (typeof ANALYTES)[number];

type Kind = 'fraction' | 'mass-density' | 'molarity' | 'mass' | 'length' | 'temperature' | 'time';

type Unit = { readonly kind: Kind; readonly toBase: Conversion };

const decimal = (text: string): Rational => Rational.parseDecimal(text);

const scaled = (kind: Kind, slope: Rational, offset = Rational.ZERO): Unit => ({
  kind,
  toBase: { slope, offset },
});

const base = (kind: Kind): Unit => ({ kind, toBase: IDENTITY });

/** Base units: % (NGSP), g/L, mol/L, g, m, Cel, d. */
const UNITS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ['%', base('fraction')],
  ['mmol/mol', scaled('fraction', decimal('0.09148'), decimal('2.152'))], // [H04]
  ['%{JDS}', scaled('fraction', decimal('1.02'), decimal('0.25'))], // [K12]
  // UCUM has the litre twice, as L and as l.
  ...['L', 'l'].flatMap((litre): [string, Unit][] => [
    [`g/${litre}`, base('mass-density')],
    [`g/d${litre}`, scaled('mass-density', decimal('10'))],
    [`mg/d${litre}`, scaled('mass-density', decimal('0.01'))],
    [`mg/${litre}`, scaled('mass-density', decimal('0.001'))],
    [`mol/${litre}`, base('molarity')],
    [`mmol/${litre}`, scaled('molarity', decimal('0.001'))],
    [`umol/${litre}`, scaled('molarity', decimal('0.000001'))],
  ]),
  ['g', base('mass')],
  ['kg', scaled('mass', decimal('1000'))],
  ['[lb_av]', scaled('mass', decimal('453.59237'))],
  ['m', base('length')],
  ['cm', scaled('length', decimal('0.01'))],
  ['mm', scaled('length', decimal('0.001'))],
  ['[in_i]', scaled('length', decimal('0.0254'))],
  ['Cel', base('temperature')],
  ['K', scaled('temperature', Rational.ONE, decimal('-273.15'))],
  ['[degF]', scaled('temperature', Rational.of(5, 9), Rational.of(-160, 9))], // (x − 32) · 5/9
  ['d', base('time')],
  ['wk', scaled('time', decimal('7'))],
  ['mo', scaled('time', Rational.of(1461, 48))], // 365.25 / 12
  ['a', scaled('time', decimal('365.25'))],
]);

/** g/mol [M]. */
const MOLAR_MASS: Readonly<Record<Exclude<Analyte, 'hba1c'>, Rational>> = {
  glucose: decimal('180.156'),
  creatinine: decimal('113.12'),
  cholesterol: decimal('386.65'),
  'hdl-cholesterol': decimal('386.65'),
  'ldl-cholesterol': decimal('386.65'),
  triglycerides: decimal('885.7'),
};

/**
 * Could `code` be UCUM: printable ASCII without spaces, every bracket and brace closed. Units
 * that are not in the table are allowed where none has to be converted.
 */
export const isPlausibleUnit = (code: string): boolean =>
  /^[!-~]{1,32}$/.test(code) && !/[[\]{}]/.test(code.replaceAll(/\{[^{}]*\}|\[[^[\]{}]+\]/g, ''));

export const isKnownUnit = (code: string): boolean => UNITS.has(code);

/** Is `code` a unit in which `analyte` is measured, as far as the table knows? */
export function measuredIn(analyte: Analyte, code: string): boolean {
  const kind = UNITS.get(code)?.kind;
  if (analyte === 'hba1c') return kind === 'fraction';
  return kind === undefined || kind === 'mass-density' || kind === 'molarity';
}

/** From mass per volume to amount per volume or back, in base units. */
function molar(from: Kind, to: Kind, mass: Rational): Conversion | undefined {
  if (from === 'mass-density' && to === 'molarity') {
    return { slope: Rational.ONE.dividedBy(mass), offset: Rational.ZERO };
  }
  if (from === 'molarity' && to === 'mass-density') return { slope: mass, offset: Rational.ZERO };
  return undefined;
}

function betweenBases(from: Kind, to: Kind, analyte: Analyte | undefined): Conversion | undefined {
  if (from === to) return from !== 'fraction' || analyte === 'hba1c' ? IDENTITY : undefined;
  if (analyte === undefined || analyte === 'hba1c') return undefined;
  return molar(from, to, MOLAR_MASS[analyte]);
}

export type ConvertedColumn = {
  readonly type: 'integer' | 'number';
  readonly analyte?: Analyte | undefined;
};

/**
 * How values in unit `from` become values of a column in unit `to`: `IDENTITY` where nothing
 * has to be done, undefined where there is no rule.
 *
 * Whole numbers of years, months and weeks count the completed ones: rounding 71 months to 6
 * years would be wrong, so time becomes an integer only by a whole factor.
 */
export function conversion(
  from: string,
  to: string,
  { type, analyte }: ConvertedColumn,
): Conversion | undefined {
  if (from === to) return IDENTITY;
  const [source, target] = [UNITS.get(from), UNITS.get(to)];
  if (source === undefined || target === undefined) return undefined;
  const between = betweenBases(source.kind, target.kind, analyte);
  if (between === undefined) return undefined;
  const whole = chained(chained(source.toBase, between), inverse(target.toBase));
  const floors = type === 'integer' && target.kind === 'time';
  if (floors && whole.slope.denominator !== 1n) return undefined;
  return isIdentity(whole) ? IDENTITY : whole;
}

/** Is there a rule for some analyte, so that naming the right one may help? */
export const needsAnalyte = (from: string, to: string, type: ConvertedColumn['type']): boolean =>
  conversion(from, to, { type }) === undefined &&
  ANALYTES.some((analyte) => conversion(from, to, { type, analyte }) !== undefined);

/**
 * What a column measures: what it says, else its own name where that is an analyte which can be
 * measured in its unit. A column called hba1c in % needs to say no more.
 */
export function analyteOf(
  name: string,
  column: { readonly unit?: string | undefined; readonly analyte?: Analyte | undefined },
): Analyte | undefined {
  if (column.analyte !== undefined || column.unit === undefined) return column.analyte;
  const named = ANALYTES.find((analyte) => analyte === name.toLowerCase());
  return named !== undefined && measuredIn(named, column.unit) ? named : undefined;
}
