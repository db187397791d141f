/**
 * How the blocks of a plan lie in the values of one holder: block after block, component after
 * component, and each component is one integer for every cell. Whoever writes values and whoever
 * reads them go by this.
 * @module
 */

type Layout = {
  readonly cells: number;
  readonly blocks: readonly { readonly runs: readonly { readonly components: number }[] }[];
};

/** Where the block with this index begins; with the number of blocks, where the values end. */
export const blockOffset = ({ cells, blocks }: Layout, index: number): number =>
  cells *
  blocks
    .slice(0, index)
    .flatMap(({ runs }) => runs)
    .reduce((sum, { components }) => sum + components, 0);
