/** When an answer leaves: at its deadline (rulings 15), whatever becomes of the clock meanwhile. @module */
import type { Clock } from './ports.ts';

/**
 * Waits until `deadline`, which was `milliseconds` away when it was set. A clock that was set back since
 * then makes it no later than the whole time from now.
 */
export function untilDeadline(clock: Clock, deadline: Date, milliseconds: number): Promise<void> {
  const latest = clock.now().getTime() + milliseconds;
  return clock.until(new Date(Math.min(deadline.getTime(), latest)));
}
