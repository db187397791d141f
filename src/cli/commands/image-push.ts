/** `kakehashi image push`: an image, or more signatures on it, to the sandbox of a study. @module */
import { Command } from 'commander';
import { systemRng } from '../../base/rng.ts';
import { systemClock } from '../../engine/clock.ts';
import { loadKey } from '../../engine/keys.ts';
import { createDispatcher } from '../../engine/transport/dispatcher.ts';
import { ImagesWire } from '../../engine/transport/images-wire.ts';
import { signedRequest } from '../../engine/transport/signed-request.ts';
import { imageArchive, readImageFile } from '../image-file.ts';
import type { Io } from '../io.ts';
import { jsonOption, type PrincipalFlags, principalOptions } from '../options.ts';
import { printAnswer } from '../output.ts';
import { readStudyFile } from '../study-file.ts';

type Flags = PrincipalFlags & { readonly study: string; readonly json?: boolean };

export const imagePushCommand = (io: Io): Command => {
  const command = new Command('push')
    .description('hand an image to the sandbox, for the holders of a study to fetch')
    .argument('<file>', 'an archive')
    .requiredOption('--study <file>', 'the study that names it');
  for (const option of principalOptions()) command.addOption(option);
  return command.addOption(jsonOption()).action(async (file: string, flags: Flags) => {
    const image = await readImageFile(io, file);
    const { study } = await readStudyFile(io, flags.study);
    const { sandbox, caFile, proxy, proxyCredentialsFile } = flags;
    const dispatcher = await createDispatcher({
      origin: sandbox,
      caFile,
      proxy,
      proxyCredentialsFile,
    });
    const key = await loadKey(flags.key, flags.passphraseFile);
    const options = { origin: sandbox, key, clock: systemClock, rng: systemRng, dispatcher };
    try {
      const wire = new ImagesWire(signedRequest(options));
      const archive = imageArchive(image, image.signatures);
      const pushed = await wire.push(study.id, image.digest, archive);
      const state = pushed.signed
        ? 'has the signatures that the study asks for'
        : 'waits for signatures';
      printAnswer(
        io,
        { json: pushed, lines: [`image ${image.digest} ${state}`] },
        flags.json === true,
      );
    } finally {
      await dispatcher.close();
    }
  });
};
