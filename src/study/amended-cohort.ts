/** What an amendment changes of the cohort section; what a column is, is cohort/'s to say. @module */
import type { Json } from '../base/canonical-json.ts';
import type { Draft } from './agreement-shape.ts';
import { added, type Found, listChanges, type Refuse, same } from './amendment-change.ts';

type Members = Readonly<Record<string, Json>>;
type Section = {
  readonly columns: Members;
  readonly declaredSize: Readonly<Record<string, number>>;
  readonly maps?: Readonly<Record<string, Members>>;
  readonly held?: Readonly<Record<string, readonly string[]>>;
};

const sectionOf = ({ cohort }: Draft): Section => cohort as Section;

/** What makes a person, a row and a value what they are. */
const UNITS = ['person', 'rowsPerPerson', 'cellsPerPerson', 'nulls', 'concepts'] as const;

/** Of the columns that both versions have: how one holder has them. */
function checkSources(was: Section, is: Section, refuse: Refuse): void {
  const [before, after] = [Object.keys(was.columns), Object.keys(is.columns)];
  const kept = before.filter((name) => after.includes(name));
  const without = (
    { maps = {} }: Section,
    holder: string,
    gone: readonly string[],
  ): Readonly<Record<string, Json>> =>
    Object.fromEntries(Object.entries(maps[holder] ?? {}).filter(([name]) => !gone.includes(name)));
  for (const holder of Object.keys({ ...was.maps, ...is.maps })) {
    const old = without(was, holder, added(after, before));
    if (!same(old, without(is, holder, added(before, after))))
      refuse('COLUMN_FIXED', 'cohort', 'maps', holder);
  }
  const held = ({ held: all }: Section, holder: string): Json =>
    (all?.[holder] ?? kept).filter((name) => kept.includes(name)).toSorted();
  for (const holder of Object.keys({ ...was.held, ...is.held })) {
    if (!same(held(was, holder), held(is, holder)))
      refuse('COLUMN_FIXED', 'cohort', 'held', holder);
  }
}

/** `history` has the newest version first. */
export function cohortChanges(
  history: readonly Draft[],
  draft: Draft,
  refuse: Refuse,
  found: Found,
): void {
  const is = sectionOf(draft);
  const sections = history.map(sectionOf);
  const [was] = sections;
  if (was === undefined) return;
  for (const unit of UNITS) {
    const [before, after] = [was, is].map((section) => (section as unknown as Members)[unit]);
    if (!same(before, after)) refuse('UNIT_FIXED', 'cohort', unit);
  }
  for (const [name, column] of Object.entries(is.columns)) {
    const known = sections.find(({ columns }) => Object.hasOwn(columns, name))?.columns[name];
    if (known !== undefined && !same(known, column))
      refuse('COLUMN_FIXED', 'cohort', 'columns', name);
  }
  listChanges('column', Object.keys(was.columns), Object.keys(is.columns), found);
  checkSources(was, is, refuse);
  for (const holder of Object.keys({ ...was.declaredSize, ...is.declaredSize })) {
    const [before, after] = [was.declaredSize[holder], is.declaredSize[holder]];
    if (before !== after)
      found(
        'alters',
        `people of ${holder}: ${after ?? 'none'} declared instead of ${before ?? 'none'}`,
      );
  }
}
