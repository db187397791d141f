/** What the operations on images are, in words and media types (operations.ts). @module */
import { TAR_TYPE } from './media-types.ts';
import type { Operation } from './wire-operations.ts';

export const IMAGE_OPERATIONS = {
  listImages: {
    tag: 'images',
    summary: 'The images of a study',
    description: 'Which of them are here, and whose signatures they have.',
  },
  fetchImage: {
    tag: 'images',
    summary: 'An image',
    description:
      'An OCI image layout as a tar archive; whoever runs it verifies it, for the sandbox is not believed.',
    gives: TAR_TYPE,
  },
  pushImage: {
    tag: 'images',
    summary: 'Push an image, or signatures on it',
    description:
      'Only an image that the study names, of at most 4 MiB; signatures that the study asks for are added to those that are here.',
    takes: TAR_TYPE,
  },
} as const satisfies Record<string, Operation>;
