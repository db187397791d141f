/** `kakehashi verify`: receipts, checkpoints, logs and statements, checked without anybody's help. @module */
import { Command } from 'commander';
import { Refusal } from '../../base/errors.ts';
import { readSignedStudy, type Study } from '../../flows/study-terms.ts';
import { readEvidence } from '../evidence.ts';
import { type Io, readJson } from '../io.ts';
import { jsonOption, pairOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { type Finding, type Trust, type Verified, verifyEvidence } from '../verify-evidence.ts';

type Flags = {
  readonly study?: string;
  readonly holder?: ReadonlyMap<string, string>;
  readonly json?: boolean;
};

const HELP = `
FILE is what run --json printed, a release of the API, a receipt, a checkpoint (text), the log of a study
(audit export), a consistency proof of the API, or a statement of erasure. Several files are also held
against each other: checkpoints of one study must be of one log. Exit code 5 when anything does not verify.
Identity keys come from --study, the signed study whose id you compared, or from --holder; a receipt
without either is checked by the keys that it brings itself, which says less. A receipt alone of a query that
not all holders of its study had a part in is checked by --holder of those that had.`;

const NOT_PROVED = "that the holders' rows were true and their noise was drawn as they say";

/** One sentence. */
function sentence({ findings, gaps }: Verified): string {
  const proved = [...new Set(findings.map((one) => one.proved).filter((text) => text !== ''))];
  const joined = findings.flatMap(({ checkpoints }) => checkpoints).length > 1;
  const one = joined && gaps.length === 0 ? ['all checkpoints are of one log'] : [];
  const unknown = findings.some(({ keys, kind }) => keys === 'itself' && kind !== 'consistency')
    ? ['that these keys are those of the institutions (give --study or --holder)']
    : [];
  const open = gaps.map(
    ({ first, second }) => `that the logs of ${first} and ${second} entries are one`,
  );
  const tail = findings.flatMap(({ log }) =>
    log !== undefined && log.cosigned < log.tree.size
      ? [`the last ${log.tree.size - log.cosigned} entries, which nobody has co-signed yet`]
      : [],
  );
  const deletes = findings.some(
    ({ kind, log }) => kind === 'erasure' || (log?.erasures.runs ?? 0) > 0,
  );
  const copies = deletes ? ['that nobody kept a copy of what was deleted'] : [];
  const missing = findings.reduce((sum, { log }) => sum + (log?.erasures.missing ?? 0), 0);
  const unseen = missing > 0 ? [`what ${missing} statements say that are not in the file`] : [];
  const not = [NOT_PROVED, ...copies, ...unseen, ...unknown, ...open, ...tail];
  return `Proved: ${[...proved, ...one].join('; ')}. Not proved: ${not.join('; ')}.`;
}

const line = ({ file, kind, study }: Finding): string =>
  `ok  ${kind.padEnd(11)} study ${study.slice(0, 12)}  ${file}`;

async function trustOf(io: Io, { study, holder }: Flags): Promise<Trust> {
  const studies = new Map<string, Study>();
  if (study !== undefined) {
    const read = readSignedStudy(await readJson(io, study, 'INVALID_STUDY'));
    studies.set(read.id, read);
  }
  return { studies, given: holder ?? new Map() };
}

export const verifyCommand = (io: Io): Command =>
  new Command('verify')
    .description('check receipts, checkpoints, logs and statements of erasure, offline')
    .argument('<files...>', 'evidence, - for standard input')
    .option('--study <file>', 'the signed study: its identity keys are the ones that count')
    .addOption(pairOption('--holder <name=key>', 'identity key of a holder, for each of them'))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      if (files.filter((file) => file === '-').length > 1) {
        throw new Refusal('USAGE', 'standard input is one file');
      }
      const trust = await trustOf(io, flags);
      const evidence = [];
      for (const file of files) evidence.push(await readEvidence(io, file));
      const verified = verifyEvidence(evidence, trust);
      const { findings, gaps } = verified;
      const text = sentence(verified);
      const shown = findings.map(({ file, kind, study, keys, facts }) => ({
        file,
        kind,
        study,
        keys,
        ...facts,
      }));
      printAnswer(
        io,
        {
          json: { verified: true, sentence: text, files: shown, gaps },
          lines: [...findings.map(line), text],
        },
        flags.json ?? false,
      );
    });
