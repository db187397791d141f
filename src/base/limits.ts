/** How many may take part in a study and how much one query may ask: what other bounds follow from. @module */

/** Of a study; the noise of what they encrypt is sized for it (he/security.ts). */
export const MAX_HOLDERS = 16;
/** Of one query. */
export const MAX_MEASURES = 16;
