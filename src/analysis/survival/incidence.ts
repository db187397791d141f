/**
 * Cumulative incidence with competing causes, from one noised table of exits (Aalen, Johansen 1978).
 *
 * Value     F_k(t_j) = Σ_{i ≤ j} S_{i−1}·d_{ki}/n_i, S the survival from all causes, over fitted tables:
 *           numbers at risk and events of all causes together as for a curve (risk-table.ts), and the
 *           events of each cause as the steps of their own fitted cumulative counts, scaled so that
 *           they add up.
 * Interval  of F, symmetric, cut to [0, 1]: the infinitesimal jackknife, Σ over exits of (count)·g²,
 *           plus Σ (noise variance)·g², g the derivative of F_j by the exit. With α_i = −S_{i−1}d_{ki}/n_i²,
 *           β_i = D_i/(n_i(n_i − D_i)) and A, B their running sums (A of α_i − F_iβ_i):
 *               event k in i      A_i + F_jB_i + S_{i−1}/n_i − (F_j − F_i)/(n_i − D_i)
 *               another event     the same without the third term
 *               censored in i     A_i + F_jB_i          later than j   A_j + F_jB_j
 *           Each is u + F_j·v, so all points together cost one pass. R's survfit has the jackknife, too.
 * Hidden    where the noise hides the number at risk the lower limit is the last one and the upper 1.
 * @module
 */
import { check } from '../../base/errors.ts';
import { checkReading, type Reading } from '../reading.ts';
import { clamp, Z95 } from '../score-set.ts';
import { type RiskTable, riskTables } from './risk-table.ts';

export type IncidencePoint = {
  /** The end of the interval. */
  readonly time: number;
  readonly incidence: number;
  readonly interval: readonly [number, number];
  /** 95 % half-width of the noise alone; 1 where the noise hides the number at risk. */
  readonly noise: number;
  readonly atRisk: number;
  /** Of this cause; fitted, may be fractional. */
  readonly events: number;
};

/** The exits of one arm, with every event of `cause` (of any where undefined) as the event. */
function merged(reading: Reading, causes: number, cause?: number): Reading {
  const kinds = causes + 1;
  const last = reading.values.length - 1;
  const pair = (of: readonly number[]): number[] => {
    const out: number[] = [];
    for (let i = 0; i < last; i += kinds) {
      const own = of.slice(i, i + kinds);
      const all = own.reduce((sum, value) => sum + value, 0);
      const censored = own[causes] ?? 0;
      const event = cause === undefined ? all - censored : (own[cause] ?? 0);
      out.push(event, all - event);
    }
    return [...out, of[last] ?? 0];
  };
  return { values: pair(reading.values), noise: pair(reading.noise) };
}

/** Fitted events of each cause, adding up to the fitted events of all. */
function eventsByCause(all: RiskTable, each: readonly RiskTable[]): number[][] {
  return each.map(({ events }) =>
    events.map((own, i) => {
      const together = each.reduce((sum, table) => sum + (table.events[i] ?? 0), 0);
      return together > 0 ? (own * (all.events[i] ?? 0)) / together : 0;
    }),
  );
}

/** Σ w·(u + F·v)² over exits seen so far. */
class Squares {
  #uu = 0;
  #uv = 0;
  #vv = 0;
  add(weight: number, u: number, v: number): void {
    this.#uu += weight * u * u;
    this.#uv += weight * u * v;
    this.#vv += weight * v * v;
  }
  at(f: number): number {
    return Math.max(0, this.#uu + f * (2 * this.#uv + f * this.#vv));
  }
}

type Arm = { readonly all: RiskTable; readonly events: number[][]; readonly reading: Reading };

function pointsOf({ all, events, reading }: Arm, cause: number, grid: readonly number[]) {
  const kinds = events.length + 1;
  const [full, alone] = [new Squares(), new Squares()];
  let [survival, incidence, a, b, lowest, later] = [1, 0, 0, 0, 0, all.atRisk[0] ?? 0];
  return all.atRisk.map((n, i): IncidencePoint => {
    const d = events[cause]?.[i] ?? 0;
    const together = all.events[i] ?? 0;
    const left = n - together;
    if (n > 0) {
      const direct = survival / n;
      incidence += survival * (d / n);
      // Where nobody is left nothing comes after, and the terms with n − D have weight zero.
      const beta = left > 0 ? together / n / left : 0;
      const given = left > 0 ? 1 / left : 0;
      a += -survival * (d / n / n) - incidence * beta;
      b += beta;
      survival *= left > 0 ? left / n : 0;
      const exits = n - (all.atRisk[i + 1] ?? reading.values.at(-1) ?? 0);
      later = n - exits;
      for (let kind = 0; kind < kinds; kind++) {
        const event = kind < kinds - 1;
        const count = event ? (events[kind]?.[i] ?? 0) : Math.max(0, exits - together);
        const u = a + (event ? incidence * given : 0) + (kind === cause ? direct : 0);
        const v = b - (event ? given : 0);
        full.add(Math.max(0, count), u, v);
        alone.add(reading.noise[kinds * i + kind] ?? 0, u, v);
      }
    }
    const tail = (a + incidence * b) * (a + incidence * b);
    const noise = alone.at(incidence) + tail * (all.noise[i]?.later ?? 0);
    const sampling = full.at(incidence) + tail * Math.max(0, later);
    const half = Z95 * Math.sqrt(sampling + noise);
    const known = i < all.known;
    if (known) lowest = Math.max(lowest, incidence - half);
    return {
      time: grid[i + 1] ?? 0,
      incidence: clamp(incidence, 0, 1),
      interval: known
        ? [clamp(incidence - half, 0, 1), clamp(incidence + half, 0, 1)]
        : [clamp(lowest, 0, Math.min(1, incidence)), 1],
      noise: known ? Math.min(1, Z95 * Math.sqrt(noise)) : 1,
      atRisk: n,
      events: d,
    };
  });
}

export type Incidence = {
  readonly arm: number;
  readonly cause: number;
  readonly points: readonly IncidencePoint[];
  /** Noised number of rows of the arm. */
  readonly count: number;
};

/** Arm after arm, cause after cause. A block has (`causes` + 1)·intervals + 1 exits an arm. */
export function incidenceOf(
  reading: Reading,
  grid: readonly number[],
  arms: number,
  causes: number,
): Incidence[] {
  const size = (causes + 1) * (grid.length - 1) + 1;
  checkReading(reading, arms * size);
  check(causes > 0, 'INVALID_PARAMETER', 'no cause');
  return Array.from({ length: arms }, (_, arm) => {
    const own: Reading = {
      values: reading.values.slice(arm * size, (arm + 1) * size),
      noise: reading.noise.slice(arm * size, (arm + 1) * size),
    };
    const table = (cause?: number): RiskTable[] =>
      riskTables(merged(own, causes, cause), 1, grid.length - 1);
    const [all] = table();
    check(all !== undefined, 'INTERNAL', 'an arm without a table');
    const each = Array.from({ length: causes }, (_, cause) => table(cause)).flat();
    const events = eventsByCause(all, each);
    return each.map(
      (_, cause): Incidence => ({
        arm,
        cause,
        points: pointsOf({ all, events, reading: own }, cause, grid),
        count: all.total,
      }),
    );
  }).flat();
}
