/** The log of one study in memory, whose holders co-sign at once: for flows in one process. */
import { cosign, writeNote } from '../../src/audit/checkpoint.ts';
import { type EntryOf, entryLeaf } from '../../src/audit/entry.ts';
import { inclusionPath } from '../../src/audit/inclusion.ts';
import { MerkleTree } from '../../src/audit/tree.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import type { Digest } from '../../src/base/hash.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import { SANDBOX } from '../../src/flows/frame.ts';
import type { Entered, StudyRecord } from '../../src/flows/ports.ts';
import type { MemoryNetwork } from './memory-network.ts';

const SALT = new Uint8Array(16).fill(5);

export class MemoryRecord implements StudyRecord {
  readonly #network: MemoryNetwork;
  readonly #holders: readonly { readonly name: string; readonly key: SigningKey }[];
  readonly #tree = new MerkleTree();
  readonly #entered = new Map<Digest, Entered>();

  constructor(
    network: MemoryNetwork,
    holders: readonly { readonly name: string; readonly key: SigningKey }[],
  ) {
    this.#network = network;
    this.#holders = holders;
  }

  async release(study: Digest, run: Digest, entry: EntryOf<'release'>): Promise<Entered> {
    const before = this.#entered.get(run);
    if (before !== undefined) return before;
    this.#tree.append(entryLeaf(SALT, entry));
    const { size } = this.#tree;
    const checkpoint = { study, size, root: toHex(this.#tree.root()) };
    const path = inclusionPath(this.#tree, size - 1, size).map(toHex);
    const entered = { entry, salt: toHex(SALT), index: size - 1, path, checkpoint };
    this.#entered.set(run, entered);
    for (const { name, key } of this.#holders) {
      const note = writeNote({ checkpoint, cosignatures: [cosign(checkpoint, name, key)] });
      const relay = this.#network.relay(study, run, name, key);
      await relay.send('cosignature', SANDBOX, () => Promise.resolve(utf8(note)));
    }
    return entered;
  }
}
