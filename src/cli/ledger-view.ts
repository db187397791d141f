/** A holder's ledger in words. @module */
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { check } from '../base/errors.ts';
import { amountText } from './number-text.ts';
import { factLines, tableLines } from './table.ts';

const Amount = Type.Object({ rho: Type.String(), delta: Type.String() });
const Account = Type.Object({
  study: Type.String(),
  title: Type.String(),
  granted: Amount,
  reserved: Amount,
  spent: Amount,
  left: Amount,
});
const Run = Type.Object({
  run: Type.String(),
  accepted: Type.String(),
  state: Type.String(),
  code: Type.Optional(Type.String()),
  rho: Type.String(),
  words: Type.String(),
});
const Rest = {
  holder: Type.String(),
  head: Type.Object({ sequence: Type.Integer(), hash: Type.String() }),
  state: Type.Optional(Type.String()),
  runs: Type.Array(Run),
};
const OneStudy = Type.Object({ ...Account.properties, ...Rest });
const AllStudies = Type.Object({ studies: Type.Array(Account), ...Rest });

function accountLines(account: Static<typeof Account>): string[] {
  const { granted, reserved, spent, left } = account;
  return [
    `${account.title} (study ${account.study})`,
    ...tableLines(
      [{ title: '' }, { title: 'rho' }, { title: 'delta' }],
      Object.entries({ granted, reserved, spent, left }).map(([name, { rho, delta }]) => [
        name,
        amountText(rho),
        amountText(delta),
      ]),
    ),
    '',
  ];
}

function runLines({ run, accepted, state, code, rho, words }: Static<typeof Run>): string[] {
  return [
    `${accepted}  ${state}${code === undefined ? '' : ` (${code})`}  rho ${rho}`,
    `  ${words}`,
    `  run ${run}`,
  ];
}

export function ledgerLines(answer: object): string[] {
  const one = Check(OneStudy, answer);
  check(one || Check(AllStudies, answer), 'INTERNAL', 'ledger answer');
  const accounts = one ? [answer] : answer.studies;
  const { holder, head, runs, state } = answer;
  return [
    ...factLines([
      ['holder', holder],
      ['ledger head', `${head.sequence} ${head.hash}`],
      ...(state === 'recovering' ? [['state', 'recovering from a backup'] as const] : []),
    ]),
    '',
    ...accounts.flatMap(accountLines),
    ...(runs.length === 0 ? ['no query yet'] : runs.flatMap(runLines)),
  ];
}
