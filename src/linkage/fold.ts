/** What does not tell two texts apart in any field: width, case, Latin diacritics. @module */

/** NFC, lower case, of one width, without Latin marks: the voicing marks of kana make another letter. */
export const foldedText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
