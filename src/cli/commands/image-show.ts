/** `kakehashi image show`: what an image says of itself, and who signed it. @module */
import { Command } from 'commander';
import type { Json } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import { publicKey } from '../../base/sign.ts';
import { imageFacts, imageJson, readImageFile } from '../image-file.ts';
import type { Io } from '../io.ts';
import { integerOption, jsonOption, pairOption } from '../options.ts';
import { imageClause } from '../local-images.ts';
import { printAnswer } from '../output.ts';
import { factLines, tableLines } from '../table.ts';

type Flags = {
  readonly author?: string;
  readonly party?: readonly string[];
  readonly need?: number;
  readonly operator?: ReadonlyMap<string, string>;
  readonly json?: boolean;
};

const HELP = `
With --author and --party, --json has the "clause" that a study draft takes in its "images". With --operator the
program runs in that operator's sandbox, over rows that every holder uploads: stewards agree to that when they sign.`;

function clauseOf(
  image: Awaited<ReturnType<typeof readImageFile>>,
  { author, party = [], need, operator }: Flags,
): Json | undefined {
  if (author === undefined) {
    const alone = party.length === 0 && need === undefined && operator === undefined;
    check(alone, 'USAGE', '--party, --need and --operator need --author');
    return undefined;
  }
  check(party.length > 0, 'USAGE', '--author needs --party');
  check((need ?? 1) <= party.length, 'USAGE', 'more signatures than parties');
  for (const key of [author, ...party]) publicKey(key);
  const parties = { need: need ?? party.length, keys: party };
  const [named, another] = operator ?? [];
  check(another === undefined, 'USAGE', 'one --operator');
  if (named === undefined) return imageClause(image, { author, parties });
  const [name, key] = named;
  publicKey(key);
  return imageClause(image, { author, parties }, 'bubblewrap', { operator: name, key });
}

export const imageShowCommand = (io: Io): Command =>
  new Command('show')
    .description('print the declaration, digest and signatures of an image')
    .argument('<file>', 'an archive, - for standard input')
    .option('--author <key>', "public key of the author, for a study's clause")
    .option('--party <key...>', 'public keys of parties whose signatures the study asks for')
    .addOption(integerOption('--need <n>', 'how many of the parties must sign (default all)', 1))
    .addOption(
      pairOption('--operator <name=key>', 'who runs the sandbox that the program is to run in'),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const image = await readImageFile(io, file);
      const clause = clauseOf(image, flags);
      const signatures = image.signatures.map(({ key, statement }) => [
        key,
        statement.role,
        statement.study ?? '',
      ]);
      const json = { ...(imageJson(image) as object), ...(clause !== undefined && { clause }) };
      const lines = [
        ...factLines(imageFacts(image)),
        '',
        ...(signatures.length === 0
          ? ['not signed']
          : tableLines(
              ['key', 'signed as', 'for study'].map((title) => ({ title })),
              signatures,
            )),
      ];
      printAnswer(io, { json, lines }, flags.json === true);
    });
