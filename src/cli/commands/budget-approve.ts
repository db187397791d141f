/** `kakehashi budget approve`: a steward's signature under a grant, or under a query that waits. @module */
import { Command } from 'commander';
import { check } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import { loadKey } from '../../engine/keys.ts';
import { approveGrant, grantEyes, readSignedGrant, signedGrantJson } from '../../study/grant.ts';
import { planApproval, signPlanApproval } from '../../study/plan-approval.ts';
import type { WaitingRun } from '../budget-answers.ts';
import { grantLines, waitingLines } from '../budget-view.ts';
import { atDesk } from '../desk.ts';
import { type Io, readJson } from '../io.ts';
import { dataOption, jsonOption, passphraseOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { stewardOf, studyAt } from '../steward.ts';
import { writeGrant } from './budget-grant.ts';

type Flags = {
  readonly data: string;
  readonly key: string;
  readonly passphraseFile?: string;
  readonly deny?: boolean;
  readonly out?: string;
  readonly json?: boolean;
};

const HELP = `
A file is a grant: the signature is added, and the next steward signs what this prints. A run id is a query
that waits at the own holder (budget show): it is shown in words on stderr and goes on when enough
stewards of every holder have approved exactly this plan. --deny ends it.`;

async function approveFile(io: Io, file: string, flags: Flags): Promise<void> {
  const json = await readJson(io, file, 'INVALID_GRANT');
  const { grant } = json as { readonly grant?: { readonly study?: unknown } };
  check(typeof grant?.study === 'string', 'INVALID_GRANT', 'no study');
  check(flags.deny !== true, 'USAGE', 'who does not want a grant does not sign it');
  const study = await studyAt(io, flags.data, grant.study);
  const before = readSignedGrant(json, study);
  grantEyes(study, before); // somebody else's wrong signature is not passed on
  const key = await loadKey(flags.key, flags.passphraseFile);
  const signed = approveGrant(study, before, stewardOf(study, key.publicText), key);
  await writeGrant(io, signedGrantJson(signed), grantLines(study, signed), flags);
}

async function approveRun(io: Io, run: string, flags: Flags): Promise<void> {
  const { data, deny = false, json = false } = flags;
  const { waiting } = (await atDesk(io, data, {
    running: (ask) => ask('GET', '/v1/approvals'),
    offline: (_, budget) => budget.waiting(),
  })) as { readonly waiting: readonly WaitingRun[] };
  const about = waiting.find((one) => one.run === run);
  check(about !== undefined, 'NOT_FOUND', 'no query of this id waits here');
  if (!json) io.err(`${waitingLines([about]).join('\n')}\n`);
  const study = await studyAt(io, data, about.study);
  const key = await loadKey(flags.key, flags.passphraseFile);
  const holder = stewardOf(study, key.publicText);
  const verdict = deny ? ('deny' as const) : ('approve' as const);
  const { plan, rho } = about;
  const signature = signPlanApproval(
    planApproval({ study: about.study, plan, rho, holder, verdict }),
    key,
  );
  const decision = { run, key: key.publicText, verdict, signature };
  const answer = await atDesk(io, data, {
    running: (ask) => ask('POST', '/v1/approvals', decision),
    offline: (_, budget) => budget.decide(run, key.publicText, verdict, signature),
  });
  const { given, need } = answer as WaitingRun;
  const lines = [deny ? 'denied' : `approved: ${given} of ${need} stewards of this holder`];
  printAnswer(io, { json: answer, lines }, json);
}

export const budgetApproveCommand = (io: Io): Command =>
  new Command('approve')
    .description('sign a grant, or let a query run that waits for approval')
    .argument('<file|run>', 'a grant, or the id of a run')
    .requiredOption('--key <file>', 'signing key of the steward')
    .addOption(passphraseOption())
    .option('--deny', 'end the query instead')
    .option('--out <file>', 'write the signed grant to a new file instead of stdout')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((what: string, flags: Flags) =>
      DIGEST_PATTERN.test(what) ? approveRun(io, what, flags) : approveFile(io, what, flags),
    );
