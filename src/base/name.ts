/** Names of holders, parties and analysts, wherever one is read. @module */

/** As a part of a longer pattern. */
export const NAME = '[a-z][a-z0-9-]{0,30}';
export const NAME_PATTERN = new RegExp(`^${NAME}$`);
