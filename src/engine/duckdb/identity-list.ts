/**
 * A list of identifiers as somebody writes it: text, one in each line, UTF-8. They are cleaned as those of
 * a cohort are (staging.ts), so that who is in both is the same person.
 * @module
 */
import type { Secret } from '../../base/secret.ts';
import { first128, personHash } from './content.ts';
import { Parameters } from './parameters.ts';
import { cleanSql } from './parse-sql.ts';
import type { Session } from './session.ts';

/** Fills the temporary table `given(identity)`; refuses with COHORT_UNREADABLE what is no text. */
export async function readIdentities(
  session: Session,
  file: string,
  identityKey: Secret,
): Promise<void> {
  const parameters = new Parameters();
  const digest = personHash(identityKey, 'text', parameters);
  // The delimiter is a control character, so that a line is one value.
  await session.run(
    `CREATE OR REPLACE TEMP TABLE given AS SELECT DISTINCT ${first128('digest')} AS identity
      FROM (SELECT ${digest} AS digest FROM (SELECT ${cleanSql('line')} AS text
        FROM read_csv(${parameters.text(file)},
          auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '',
          columns = {'line': 'VARCHAR'}, force_not_null = ['line'], compression = 'none',
          encoding = 'utf-8', strict_mode = true, null_padding = false, ignore_errors = false))
        WHERE text <> '')`,
    parameters,
  );
}
