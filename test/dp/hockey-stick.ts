/**
 * A falsifier: looks for an event whose probabilities under two neighbouring inputs differ by more
 * than (ε, δ) allows. The event is chosen on one half of the draws and judged on the other, so that
 * choosing it costs nothing; alpha = 1e-6 by the normal law with Bernstein's correction.
 */

export type Claim = {
  readonly name: string;
  /** One output on an input and on its neighbour, as a key or a number. */
  readonly draw: () => string | number;
  readonly neighbour: () => string | number;
  readonly epsilon: number;
  readonly delta: number;
};

/** Upper 1e-6 point of the normal law. */
const Z = 4.753424;

type Counts = Map<string | number, number>;

function counted(draw: Claim['draw'], count: number): Counts {
  const counts: Counts = new Map();
  for (let i = 0; i < count; i++) {
    const outcome = draw();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

/** What is found beyond δ, after a margin at alpha = 1e-6; positive means that the claim is false. */
function excess(p: readonly Counts[], q: readonly Counts[], half: number, claim: Claim): number {
  const e = Math.exp(claim.epsilon);
  const [chosenP, judgedP] = p as [Counts, Counts];
  const [chosenQ, judgedQ] = q as [Counts, Counts];
  let [seen, other] = [0, 0];
  for (const outcome of new Set([...chosenP.keys(), ...chosenQ.keys()])) {
    if ((chosenP.get(outcome) ?? 0) <= e * (chosenQ.get(outcome) ?? 0)) continue;
    seen += (judgedP.get(outcome) ?? 0) / half;
    other += (judgedQ.get(outcome) ?? 0) / half;
  }
  const spread = Math.sqrt((seen * (1 - seen) + e * e * other * (1 - other)) / half);
  return seen - e * other - claim.delta - Z * spread - (Z * Z * (1 + e)) / (3 * half);
}

/** True when one of the two directions is worse than claimed. */
export function falsified(claim: Claim, draws: number): boolean {
  const half = Math.floor(draws / 2);
  const p = [counted(claim.draw, half), counted(claim.draw, half)];
  const q = [counted(claim.neighbour, half), counted(claim.neighbour, half)];
  return excess(p, q, half, claim) > 0 || excess(q, p, half, claim) > 0;
}
