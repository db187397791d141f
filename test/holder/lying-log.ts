/** The log of a study, as a sandbox announces it that may lie. */
import type { Announcement } from '../../src/audit/announcement.ts';
import { consistencyPath } from '../../src/audit/consistency.ts';
import { entryLeaf, type LogEntry } from '../../src/audit/entry.ts';
import { inclusionPath } from '../../src/audit/inclusion.ts';
import { MerkleTree } from '../../src/audit/tree.ts';
import { toHex } from '../../src/base/bytes.ts';

export class Log {
  readonly tree = new MerkleTree();
  readonly leaves: Uint8Array[] = [];

  add(entry: LogEntry, salt = new Uint8Array(16)): void {
    const leaf = entryLeaf(salt, entry);
    this.leaves.push(leaf);
    this.tree.append(leaf);
  }

  fork(): Log {
    const other = new Log();
    for (const leaf of this.leaves) {
      other.leaves.push(leaf);
      other.tree.append(leaf);
    }
    return other;
  }

  announce(entry: LogEntry, from: readonly number[]): Announcement {
    const { size } = this.tree;
    return {
      size,
      root: toHex(this.tree.root()),
      from: from.map((first) => ({
        size: first,
        path: consistencyPath(this.tree, first, size).map(toHex),
      })),
      entry,
      salt: '0'.repeat(32),
      index: size - 1,
      path: inclusionPath(this.tree, size - 1, size).map(toHex),
    };
  }
}
