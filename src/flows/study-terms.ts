/** Where a study and its cohort section meet: study/ and cohort/ do not know each other. @module */
import type { Json } from '../base/canonical-json.ts';
import { type CohortSection, parseCohortSection } from '../cohort/schema.ts';
import type { StudyTerms } from '../cohort/query.ts';
import { type Declaration, declarationErrors } from '../image/declaration.ts';
import type { AgreedImage } from '../image/verify.ts';
import type { ImageClause } from '../study/image-clause.ts';
import { parseStudy, type Study as Agreement } from '../study/agreement.ts';
import { parseSigned, type SignedStudy as Signed, verifySigned } from '../study/signatures.ts';
import { studyTerms } from '../study/terms.ts';

export type Study = Agreement<CohortSection>;
export type SignedStudy = Signed<CohortSection>;

/** A draft, checked in full; refuses with INVALID_STUDY. */
export const readDraft = (json: Json): Study =>
  parseStudy(json, parseCohortSection, declarationErrors);

/** The signed form, signatures unverified: somebody may still have to sign. */
export const readPartlySigned = (json: Json): SignedStudy =>
  parseSigned(json, parseCohortSection, declarationErrors);

/** A study that enough stewards of every holder signed; STUDY_UNSIGNED or SIGNATURE_REJECTED else. */
export const readSignedStudy = (json: Json): Study => verifySigned(readPartlySigned(json));

/** The terms against which a query of this study is compiled. */
export const termsOf = (study: Study): StudyTerms => ({
  ...studyTerms(study),
  images: agreedImages(study),
});

/** The images of a study with the declarations that its stewards signed. */
export const agreedImages = ({
  images,
}: Pick<Study, 'images'>): (AgreedImage & Pick<ImageClause, 'boundary' | 'sandbox'>)[] =>
  images.map(({ digest, boundary, sandbox, declaration, signers }) => ({
    digest,
    boundary,
    ...(sandbox !== undefined && { sandbox }),
    signers,
    // The study was read with declarationErrors.
    declaration: declaration as unknown as Declaration,
  }));
