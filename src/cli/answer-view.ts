/** A release with its price and what is left, as one answer of the command line. @module */
import type { Release } from '../client/client.ts';
import { incidenceLines, modelLines } from './model-view.ts';
import { amountText } from './number-text.ts';
import { chosenReading, readingLines, releaseLines, type ViewedStudy } from './release-view.ts';
import { survivalLines } from './survival-view.ts';
import { tableLines } from './table.ts';

/** Budget by holder after this release. */
export const budgetLines = ({ spent, left }: Pick<Release, 'spent' | 'left'>): string[] =>
  tableLines(
    [{ title: 'holder' }, { title: 'rho spent' }, { title: 'rho left' }],
    Object.entries(spent).map(([holder, amount]) => [
      holder,
      amountText(amount.rho),
      amountText(left[holder]?.rho ?? '0/1'),
    ]),
  );

/** `before`: somebody had this release already, so asking again was free. */
export function answerLines(release: Release, study: ViewedStudy, before = false): string[] {
  const { privacy, receipt, id } = release;
  const charged =
    receipt.holders.some(({ attestation }) => attestation.charged) && receipt.run === id;
  const paid = charged && !before;
  const [first] = receipt.holders;
  const alone = first?.attestation.law.name === 'chosen' ? first.attestation.holder : undefined;
  const price = amountText(privacy.rho);
  const others = [
    ...survivalLines(release, study),
    ...incidenceLines(release, study),
    ...modelLines(release, study),
  ];
  return [
    ...releaseLines(release.cells, study),
    ...(release.cells.length > 0 && others.length > 0 ? [''] : []),
    ...others,
    ...(alone === undefined
      ? readingLines(study)
      : chosenReading(alone, study, release.cells.length > 0)),
    '',
    paid
      ? `price: rho ${price} at ${alone ?? 'every holder'}`
      : `price: free, released before at rho ${price}`,
    `privacy: epsilon ${privacy.epsilon} at delta ${privacy.delta} for each person, this release alone`,
    `privacy: accusing 1 of 100 wrongly, an attacker finds at most ${privacy.attacker} of 100 people; an outsider ${privacy.outsider.attacker} (epsilon ${privacy.outsider.epsilon}, ${privacy.outsider.law})`,
    ...(privacy.allOthers === undefined
      ? []
      : [
          `no-collusion mode: ${privacy.honestHolders} holders must be honest; against all others together epsilon ${privacy.allOthers.epsilon} (rho ${amountText(privacy.allOthers.rho)})`,
        ]),
    ...(privacy.linked === undefined ? [] : [`people in both: ${privacy.linked.disclosed}`]),
    '',
    // A release is stored as it was attested; the budget has moved on since.
    ...(paid ? [] : ['as it stood after that release:']),
    ...budgetLines(release),
    '',
    `attested by ${receipt.holders.map(({ attestation }) => attestation.holder).join(', ')}; run ${id}`,
  ];
}
