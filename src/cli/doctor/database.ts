/** Whether the PostgreSQL server of a service answers and keeps what it acknowledges. Nothing is changed. @module */
import type { DatabaseSetting } from '../../engine/service-store.ts';
import { fail, type Finding, ok, reason } from './finding.ts';

export async function databaseFinding(setting: DatabaseSetting): Promise<Finding> {
  try {
    // Loaded here: most commands need no database.
    const { readAddress } = await import('../../engine/service-store.ts');
    const { examineServer } = await import('../../engine/postgres/server-health.ts');
    const { version, fault } = await examineServer(await readAddress(setting, 'public'));
    return fault === undefined ? ok('database', `PostgreSQL ${version}`) : fail('database', fault);
  } catch (error) {
    return fail('database', reason(error));
  }
}
