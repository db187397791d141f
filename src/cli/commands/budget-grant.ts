/** `kakehashi budget grant` and `budget book`: more budget for a study, proposed and added. @module */
import { Command } from 'commander';
import type { Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import { systemRng } from '../../base/rng.ts';
import { settingOf } from '../../ledger/settings.ts';
import { loadKey } from '../../engine/keys.ts';
import { proposeGrant, signedGrantJson } from '../../study/grant.ts';
import { grantLines } from '../budget-view.ts';
import { atDesk } from '../desk.ts';
import { type Io, readJson } from '../io.ts';
import { dataOption, integerOption, jsonOption, pairOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { stewardOf, studyAt } from '../steward.ts';
import { writeNew } from '../new-file.ts';

type GrantFlags = {
  readonly data: string;
  readonly study: string;
  readonly at: ReadonlyMap<string, string>;
  readonly reason: string;
  readonly key: string;
  readonly passphraseFile?: string;
  readonly days?: number;
  readonly out?: string;
  readonly json?: boolean;
};

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 14;

const GRANT_HELP = `
Writes a proposal, signed with --key. It is added when two different stewards of every holder have signed:
pass the file on, each of them runs \`budget approve\`, and each holder that it names \`budget book\`.
Nobody approves an own proposal. An amount is a named setting (budget settings), or a fraction of rho,
with a delta behind a comma where one is needed: --at lu=1/8 --at jp=careful --at lu=1/8,1/1000000.`;

/** `1/8`, `1/8,1/1000000` or a named setting. */
function amountOf(text: string): { rho: string; delta: string } {
  const named = settingOf(text);
  if (named !== undefined) {
    return { rho: named.amount.rho.toString(), delta: named.amount.delta.toString() };
  }
  const [rho = '', delta = '0/1'] = text.split(',');
  return { rho, delta };
}

export const grantCommand = (io: Io): Command =>
  new Command('grant')
    .description('propose more budget for a study, as one of its stewards')
    .requiredOption('--study <file|id>', 'file of the study, or its id at the own holder')
    .addOption(
      pairOption('--at <holder=amount>', 'what is added at a holder; repeat').makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, in one line')
    .requiredOption('--key <file>', 'signing key of the steward who proposes')
    .addOption(passphraseOption())
    .addOption(integerOption('--days <n>', `it can be added for so long (${DEFAULT_DAYS})`, 1))
    .option('--out <file>', 'write it to a new file instead of stdout')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', GRANT_HELP)
    .action(async (flags: GrantFlags) => {
      const study = await studyAt(io, flags.data, flags.study);
      const key = await loadKey(flags.key, flags.passphraseFile);
      const holder = stewardOf(study, key.publicText);
      const days = flags.days ?? DEFAULT_DAYS;
      const asked = {
        amounts: Object.fromEntries([...flags.at].map(([name, text]) => [name, amountOf(text)])),
        reason: flags.reason,
        expires: new Date(Date.now() + days * DAY_MS),
      };
      const signed = proposeGrant(study, asked, { holder, key }, systemRng);
      await writeGrant(io, signedGrantJson(signed), grantLines(study, signed), flags);
    });

/** The signed form to a file or stdout; what it says in words on stderr. */
export async function writeGrant(
  io: Io,
  grant: Json,
  words: readonly string[],
  { out, json = false }: { readonly out?: string; readonly json?: boolean },
): Promise<void> {
  if (!json) io.err(`${words.join('\n')}\n`);
  const text = `${JSON.stringify(grant, null, json && out === undefined ? 0 : 2)}\n`;
  if (out === undefined) {
    io.out(text);
    return;
  }
  await writeNew(out, text);
  printAnswer(io, { json: { file: out }, lines: [out] }, json);
}

type BookFlags = { readonly data: string; readonly json?: boolean };

export const bookGrantCommand = (io: Io): Command =>
  new Command('book')
    .description('add a grant to the ledger of this holder, once')
    .argument('<file>', 'the grant, signed by two stewards of every holder, - for standard input')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .action(async (file: string, { data, json = false }: BookFlags) => {
      const grant = await readJson(io, file, 'INVALID_GRANT');
      check(typeof grant === 'object' && grant !== null, 'INVALID_GRANT', 'no object');
      const answer = await atDesk(io, data, {
        running: (ask) => ask('POST', '/v1/grants', grant),
        offline: (_, budget) => budget.book(grant),
      });
      const { granted, left } = answer as Record<'granted' | 'left', { readonly rho: string }>;
      const lines = [`added: granted rho ${granted.rho}, left ${left.rho}`];
      printAnswer(io, { json: answer, lines }, json);
    });
