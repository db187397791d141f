/**
 * Three named amounts, for who does not want to choose a fraction: what a person may bear in all.
 * The words say what an attacker can do who knows everybody else's rows and sees every release; a
 * test holds them to dp/accountant/attacker.ts and zcdp.ts.
 * @module
 */
import { Rational } from '../base/rational.ts';
import type { Amount } from './entry.ts';

export const SETTING_NAMES = ['careful', 'normal', 'generous'] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

export type Setting = {
  readonly amount: Amount;
  readonly meaning: string;
};

const amount = (numerator: number, denominator: number, oneIn: number): Amount => ({
  rho: Rational.of(numerator, denominator),
  delta: Rational.of(1, oneIn),
});

export const SETTINGS: Readonly<Record<SettingName, Setting>> = {
  careful: {
    amount: amount(1, 8, 1_000_000),
    meaning:
      'For data whose leak would hurt somebody. Who accuses 1 of 100 wrongly finds at most 5 of 100 people.',
  },
  normal: {
    amount: amount(1, 2, 1_000_000),
    meaning:
      'For a cohort with several studies. Who accuses 1 of 100 wrongly finds at most 13 of 100 people.',
  },
  generous: {
    amount: amount(2, 1, 100_000),
    meaning:
      'For data that few would misuse, and many questions. Who accuses 1 of 100 wrongly finds at most 55 of 100 people.',
  },
};

/** The setting of this name, undefined where there is none. */
export const settingOf = (name: string): Setting | undefined =>
  SETTING_NAMES.includes(name as SettingName) ? SETTINGS[name as SettingName] : undefined;
