/** A directory of one test, mode 0700, gone when the test is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'kakehashi-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
