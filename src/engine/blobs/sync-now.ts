/** Makes a file or the names in a directory durable before anything else of this process goes on. @module */
import { closeSync, fsyncSync, openSync } from 'node:fs';

export function syncNow(name: string): void {
  const opened = openSync(name, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
