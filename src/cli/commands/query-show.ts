/** `kakehashi query show`: a run and its release, or a query that was not run yet. @module */
import { Command } from 'commander';
import { check, Refusal } from '../../base/errors.ts';
import { DIGEST_PATTERN } from '../../base/hash.ts';
import type { QueryAnswer, RunAnswer } from '../../client/answers.ts';
import type { KakehashiClient, Release } from '../../client/client.ts';
import { answerLines } from '../answer-view.ts';
import { withClient } from '../connect.ts';
import type { Io } from '../io.ts';
import { jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import type { Answer } from '../output.ts';
import { priceLines } from '../price-view.ts';
import {
  printRelease,
  type ReleaseFlags,
  releaseOptions,
  releaseTarget,
} from '../release-output.ts';
import { factLines, tableLines } from '../table.ts';

type Flags = PrincipalFlags & ReleaseFlags;
type Shown = Answer & { readonly release?: Release };

const runLines = ({ run, query, state, holders }: RunAnswer): string[] => [
  ...factLines([
    ['run', run],
    ['query', query],
    ['state', state],
  ]),
  '',
  ...tableLines(
    [{ title: 'holder' }, { title: 'last message' }, { title: 'last seen' }],
    holders.map(({ name, step, lastSeen }) => [name, step ?? 'none yet', lastSeen ?? 'never']),
  ),
];

const queryLines = ({ query, study, state, price, released }: QueryAnswer): string[] => [
  ...factLines([
    ['query', query],
    ['study', study],
    ['state', state],
    ...(released === null ? [] : [['released as', `run ${released}`] as const]),
  ]),
  ...priceLines(price),
];

async function showRun(client: KakehashiClient, run: RunAnswer): Promise<Shown> {
  if (run.state !== 'released') return { json: run, lines: runLines(run) };
  const { study } = await client.study(run.study);
  const release = await client.release(run.run, study);
  const lines = [...runLines(run), '', ...answerLines(release, study)];
  return { json: { ...run, release }, lines, release };
}

async function show(client: KakehashiClient, id: string): Promise<Shown> {
  try {
    return await showRun(client, await client.runState(id));
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'NOT_FOUND') throw error;
    const query = await client.query(id);
    return { json: query, lines: queryLines(query) };
  }
}

export const queryShowCommand = (io: Io): Command => {
  const command = new Command('show')
    .description('show a run, with its release where there is one, or a query')
    .argument('<id>', 'id of a run or of a query');
  for (const option of [...principalOptions(), ...releaseOptions()]) command.addOption(option);
  return command.addOption(jsonOption()).action(async (id: string, flags: Flags) => {
    check(DIGEST_PATTERN.test(id), 'USAGE', 'an id has 64 hexadecimal digits');
    const target = await releaseTarget(flags);
    const answer = await withClient(flags, (client) => show(client, id));
    await printRelease(io, answer, target);
  });
};
