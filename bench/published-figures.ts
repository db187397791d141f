/**
 * Figures that others published about native programs that do the same job. They are quoted beside ours
 * and never mixed with them: other machine, other language, other year.
 * @module
 */
export type PublishedFigure = {
  /** The case of ours that does the same job. */
  readonly case: string;
  readonly what: string;
  readonly figure: string;
  readonly machine: string;
  readonly source: string;
};

const RR22 = 'Raghuraman, Rindal, CCS 2022 (ePrint 2022/320), table 2';
const I7 = 'i7-9750H, one thread a party, 1 Gbit/s LAN';

export const PUBLISHED_FIGURES: readonly PublishedFigure[] = [
  {
    case: 'psi/vole',
    what: 'RR22 "fast", semi-honest, 2^16 / 2^20 / 2^24 a side',
    figure: '51 ms / 369 ms / 6,987 ms; 251 bits an element at 2^20',
    machine: I7,
    source: RR22,
  },
  {
    case: 'psi/vole',
    what: 'KKRT16, semi-honest, 2^16 / 2^20 / 2^24 a side',
    figure: '137 ms / 2,073 ms / 53,933 ms; 1,008 bits an element at 2^20',
    machine: I7,
    source: RR22,
  },
];
