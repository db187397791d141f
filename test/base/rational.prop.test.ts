/** Exact fractions against bigint cross-multiplication, and the one spelling of each. */
import { equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import { refusal } from '../support/refusal.ts';

const integer = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n, -2n, 2n ** 53n, 2n ** 64n, -(2n ** 64n)),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
);
const nonZero = integer.filter((value) => value !== 0n);
const pair = fc.tuple(integer, nonZero);
const fraction = pair.map(([n, d]) => Rational.of(n, d));

/** a/b = c/d without any division. */
const same = (x: Rational, n: bigint, d: bigint): boolean => x.numerator * d === n * x.denominator;

const check = <T>(property: fc.IProperty<T>): void => {
  fc.assert(property, { numRuns: 300 });
};

describe('arithmetic', () => {
  test('of keeps the value, in lowest terms, denominator positive', () => {
    check(
      fc.property(pair, nonZero, ([n, d], k) => {
        const x = Rational.of(n, d);
        ok(same(x, n, d));
        ok(x.denominator > 0n);
        equal(Rational.of(n * k, d * k).toString(), x.toString());
      }),
    );
  });

  test('plus, minus, times, dividedBy', () => {
    check(
      fc.property(pair, pair, ([a, b], [c, d]) => {
        const [x, y] = [Rational.of(a, b), Rational.of(c, d)];
        ok(same(x.plus(y), a * d + c * b, b * d));
        ok(same(x.minus(y), a * d - c * b, b * d));
        ok(same(x.times(y), a * c, b * d));
        if (c !== 0n) ok(same(x.dividedBy(y), a * d, b * c));
      }),
    );
  });

  test('compare agrees with cross-multiplication, and its kin with it', () => {
    check(
      fc.property(fraction, fraction, (x, y) => {
        const difference = x.numerator * y.denominator - y.numerator * x.denominator;
        equal(x.compare(y), difference < 0n ? -1 : difference > 0n ? 1 : 0);
        equal(x.atMost(y), difference <= 0n);
        equal(x.equals(y), difference === 0n);
        equal(x.minus(y).sign(), x.compare(y));
        equal(x.isZero(), x.sign() === 0);
      }),
    );
  });

  test('floor and ceil bracket the value', () => {
    check(
      fc.property(fraction, (x) => {
        const [below, above] = [Rational.of(x.floor()), Rational.of(x.ceil())];
        ok(below.atMost(x) && x.compare(below.plus(Rational.ONE)) < 0);
        ok(x.atMost(above) && above.minus(Rational.ONE).compare(x) < 0);
      }),
    );
  });

  test('roundUpTo is the smallest multiple that is not below', () => {
    check(
      fc.property(fraction, fc.bigInt({ min: 1n, max: 10n ** 12n }), (x, grid) => {
        const up = x.roundUpTo(grid);
        ok(x.atMost(up));
        ok(up.minus(Rational.of(1n, grid)).compare(x) < 0);
        equal(up.times(Rational.of(grid)).denominator, 1n);
      }),
    );
  });

  test('a zero denominator and a part that is no exact integer are refused', () => {
    throws(() => Rational.of(1n, 0n), refusal('INVALID_PARAMETER'));
    throws(() => Rational.ONE.dividedBy(Rational.ZERO), refusal('INVALID_PARAMETER'));
    for (const part of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      throws(() => Rational.of(part), refusal('INVALID_PARAMETER'));
      throws(() => Rational.of(1, part), refusal('INVALID_PARAMETER'));
    }
  });
});

describe('text', () => {
  test('parse is inverse to toString, and JSON shows the same text', () => {
    check(
      fc.property(fraction, (x) => {
        ok(Rational.parse(x.toString()).equals(x));
        equal(JSON.stringify({ x }), `{"x":"${x.toString()}"}`);
      }),
    );
  });

  test('equal fractions have equal text, different ones different text', () => {
    check(
      fc.property(fraction, fraction, (x, y) => {
        equal(x.toString() === y.toString(), x.equals(y));
      }),
    );
  });

  const bad: Record<string, string> = {
    nothing: '',
    'not in lowest terms': '2/4',
    'zero over two': '0/2',
    'negative zero': '-0/1',
    'a zero denominator': '1/0',
    'a negative denominator': '1/-2',
    'no denominator': '1',
    'a plus sign': '+1/2',
    'a leading zero': '01/2',
    'a leading zero below': '1/02',
    'a space': '1/ 2',
    'a line end': '1/2\n',
    'a decimal': '0.5',
    'an exponent': '1e3/7',
    'other digits': '١/٢',
    'three parts': '1/2/3',
    'more than 512 characters': `1/1${'0'.repeat(600)}`,
  };
  for (const [name, spelling] of Object.entries(bad)) {
    test(`parse refuses ${name}`, () => {
      throws(() => Rational.parse(spelling), refusal('INVALID_PARAMETER'));
    });
  }

  test('parseDecimal is exact', () => {
    equal(Rational.parseDecimal('5.60').toString(), '28/5');
    equal(Rational.parseDecimal('-0.001').toString(), '-1/1000');
    equal(Rational.parseDecimal('007').toString(), '7/1');
    check(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.nat({ max: 20 }),
        (digits, places) => {
          const whole = digits.toString().padStart(places + 1, '0');
          const at = whole.length - places;
          const text = places === 0 ? whole : `${whole.slice(0, at)}.${whole.slice(at)}`;
          ok(same(Rational.parseDecimal(text), digits, 10n ** BigInt(places)));
        },
      ),
    );
  });

  for (const spelling of ['', '.5', '5.', '1e3', '1,5', ' 1', '1 ', '--1', '+1', 'NaN', '１']) {
    test(`parseDecimal refuses ${JSON.stringify(spelling)}`, () => {
      throws(() => Rational.parseDecimal(spelling), refusal('INVALID_PARAMETER'));
    });
  }

  test('toDecimalUp is never below, and less than one unit above', () => {
    equal(Rational.of(1, 3).toDecimalUp(3), '0.334');
    equal(Rational.of(-1, 3).toDecimalUp(3), '-0.333');
    equal(Rational.of(-1, 3000).toDecimalUp(2), '0.00');
    equal(Rational.of(5, 2).toDecimalUp(0), '3');
    check(
      fc.property(fraction, fc.nat({ max: 30 }), (x, places) => {
        fc.pre(x.toDecimalUp(places).length <= 64);
        const shown = Rational.parseDecimal(x.toDecimalUp(places));
        ok(x.atMost(shown));
        ok(shown.minus(x).compare(Rational.of(1n, 10n ** BigInt(places))) < 0);
      }),
    );
  });
});

/** The neighbouring doubles of `value`, as exact fractions of 2^1074. */
function neighbours(value: number): bigint[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return [bits - 1n, bits, bits + 1n].map((near) => {
    view.setBigInt64(0, near);
    return scaled(view.getFloat64(0));
  });
}

/** An exact double times 2^1074, which is an integer. */
function scaled(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const fractionBits = bits & (2n ** 52n - 1n);
  const magnitude =
    exponent === 0n ? fractionBits : (fractionBits | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -magnitude : magnitude;
}

describe('toNumber', () => {
  test('is the nearest double', () => {
    const distance = (x: Rational, near: bigint): bigint => {
      const gap = x.numerator * 2n ** 1074n - near * x.denominator;
      return gap < 0n ? -gap : gap;
    };
    check(
      fc.property(fraction, (x) => {
        fc.pre(!x.isZero());
        const [before, at, after] = neighbours(x.toNumber()) as [bigint, bigint, bigint];
        ok(distance(x, at) <= distance(x, before));
        ok(distance(x, at) <= distance(x, after));
      }),
    );
  });

  test('at the ends of the range', () => {
    equal(Rational.ZERO.toNumber(), 0);
    equal(Rational.of(1n, 10n ** 300n).toNumber(), 1e-300);
    equal(Rational.of(10n ** 308n).toNumber(), 1e308);
    equal(Rational.of(-(10n ** 400n), 10n ** 399n).toNumber(), -10);
    equal(Rational.of(10n ** 400n).toNumber(), Number.POSITIVE_INFINITY);
    equal(Rational.of(1n, 10n ** 400n).toNumber(), 0);
  });
});
