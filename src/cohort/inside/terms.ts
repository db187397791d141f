/** A study as one holder alone: what a query inside it is compiled against. @module */
import type { StudyTerms } from '../query.ts';

export const insideTerms = (terms: StudyTerms, holder: string): StudyTerms => ({
  ...terms,
  holders: [holder],
  honestHolders: 1,
  cohort: {
    ...terms.cohort,
    declaredSize: { [holder]: terms.cohort.declaredSize[holder] ?? 0 },
  },
});
