/** Days of the proleptic Gregorian calendar as integers, without time zones. @module */

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of `YYYY-MM-DD`, years 0001 to 9999; undefined for anything else. */
export function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // A parser may roll 31 February over; only what reads back is a day.
  if (Number.isNaN(ms) || dayText(ms / DAY_MS) !== text) return undefined;
  return ms / DAY_MS;
}

/** `YYYY-MM-DD` of a day between 0001-01-01 and 9999-12-31. */
export const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The first instant after `day`, UTC. */
export const endOfDay = (day: number): Date => new Date((day + 1) * DAY_MS);
