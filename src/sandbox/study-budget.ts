/**
 * What a member of a study may know of its budget: what is signed, and the accounts that holders showed
 * to the study with their reservations. The ledgers themselves are at the holders.
 * @module
 */
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import type { SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { AccountText, Reservation } from '../flows/pooled/reservation.ts';
import type { Study } from '../flows/study-terms.ts';
import { amountText } from '../ledger/entry.ts';

/** By holder, of the reservation with the newest ledger head. */
export type ShownAccounts = (study: Digest) => Promise<ReadonlyMap<string, AccountText>>;

export const shownAccounts =
  (runs: Pick<SandboxRuns, 'ofStudy'>, frames: Pick<SandboxFrames, 'ofKinds'>): ShownAccounts =>
  async (study) => {
    const newest = new Map<string, Reservation>();
    for (const { id } of await runs.ofStudy(study)) {
      for (const { from, body } of await frames.ofKinds(id, ['reservation'])) {
        // Checked when the run was assembled; what is malformed shows nothing here.
        const shown = readable(body);
        if (shown === undefined) continue;
        const before = newest.get(from);
        if (before === undefined || before.head.sequence < shown.head.sequence) {
          newest.set(from, shown);
        }
      }
    }
    return new Map([...newest].map(([holder, { account }]) => [holder, account]));
  };

function readable(body: Uint8Array): Reservation | undefined {
  try {
    const shown = parseStrict(fromUtf8(body)) as unknown as Reservation;
    const { account, head } = shown;
    const texts = [account.spent, account.left].flatMap(({ rho, delta }) => [rho, delta]);
    const amounts = texts.every((text) => /^(?:0|[1-9][0-9]*)\/[1-9][0-9]*$/.test(text));
    return amounts && Number.isSafeInteger(head.sequence) ? shown : undefined;
  } catch {
    return undefined;
  }
}

export function studyBudget(study: Study, accounts: ReadonlyMap<string, AccountText>) {
  const { ceilings, approval, budget } = study;
  return {
    study: study.id,
    honestHolders: study.honestHolders,
    holders: study.holders.map(({ name, country }) => {
      const signed = budget.get(name);
      return {
        name,
        country,
        signed: signed === undefined ? { rho: '0/1', delta: '0/1' } : amountText(signed),
        ...accounts.get(name),
      };
    }),
    ...(ceilings.analyst && { analystLimit: amountText(ceilings.analyst) }),
    countryLimits: [...ceilings.countries].map(([country, limit]) => ({
      country,
      limit: amountText(limit),
    })),
    ...(approval && {
      approval: { above: approval.above.toString(), stewards: approval.stewards },
    }),
  };
}
