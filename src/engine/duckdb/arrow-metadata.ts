/**
 * Is the metadata of an Arrow file inside its bytes? apache-arrow believes every count in it: one
 * flipped bit makes a list of two billion columns, and the process runs out of memory.
 *
 * Checked are the lists of every table that it reads (flatbuffers internals, "Tables", "Vectors";
 * slots as in Message.fbs, Schema.fbs and File.fbs of the Arrow format): each lies inside the
 * buffer, offsets point forwards, and all of them together have no more tables than the buffer
 * has room for. Values are not checked: those that are read later are checked where they are used.
 * @module
 */
import { check } from '../../base/errors.ts';

/** A list of structs or scalars of so many bytes, a list of tables, or a table. */
type Slot =
  | { readonly bytes: number }
  | { readonly list: () => Shape }
  | { readonly table: () => Shape };

/** Slot number → what is there. A union is its type, then its table. */
type Shape = {
  readonly slots: Readonly<Record<number, Slot>>;
  readonly union?: {
    readonly type: number;
    readonly table: number;
    readonly shapes: Readonly<Record<number, Shape>>;
  };
};

/** Bytes of a `Block`: two 64-bit numbers and a 32-bit one between them. */
const BLOCK = 24;

const KEY_VALUE: Shape = { slots: {} };
const UNION_TYPE: Shape = { slots: { 1: { bytes: 4 } } };
const FIELD: Shape = {
  slots: { 5: { list: () => FIELD }, 6: { list: () => KEY_VALUE } },
  union: { type: 2, table: 3, shapes: { 14: UNION_TYPE } },
};
const SCHEMA: Shape = {
  slots: { 1: { list: () => FIELD }, 2: { list: () => KEY_VALUE }, 3: { bytes: 8 } },
};
const RECORD_BATCH: Shape = { slots: { 1: { bytes: 16 }, 2: { bytes: 16 }, 4: { bytes: 8 } } };
const DICTIONARY_BATCH: Shape = { slots: { 1: { table: () => RECORD_BATCH } } };

export const MESSAGE: Shape = {
  slots: { 4: { list: () => KEY_VALUE } },
  union: { type: 1, table: 2, shapes: { 1: SCHEMA, 2: DICTIONARY_BATCH, 3: RECORD_BATCH } },
};
const FOOTER: Shape = {
  slots: {
    1: { table: () => SCHEMA },
    2: { bytes: BLOCK },
    3: { bytes: BLOCK },
    4: { list: () => KEY_VALUE },
  },
};

/** The fewest bytes of a table: its offset to a vtable and the vtable. */
const LEAST_TABLE = 4;

/** Refuses with COHORT_UNREADABLE; `name` is that of the file. */
export function checkMetadata(bytes: Uint8Array, root: Shape, name: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const intact = (condition: boolean): void =>
    check(condition, 'COHORT_UNREADABLE', `${name}: damaged Arrow data`);
  let tables = Math.ceil(bytes.length / LEAST_TABLE);

  const int32 = (at: number): number => {
    intact(at >= 0 && at + 4 <= bytes.length);
    return view.getInt32(at, true);
  };
  const uint16 = (at: number): number => {
    intact(at >= 0 && at + 2 <= bytes.length);
    return view.getUint16(at, true);
  };
  /** Where the offset at `at` points to. */
  const follow = (at: number): number => {
    const offset = int32(at);
    intact(offset > 0);
    return at + offset;
  };
  /** Where a slot of a table is; undefined where it is absent. */
  const slotAt = (table: number, slot: number): number | undefined => {
    const vtable = table - int32(table);
    if (4 + 2 * slot + 2 > uint16(vtable)) return undefined;
    const offset = uint16(vtable + 4 + 2 * slot);
    return offset === 0 ? undefined : table + offset;
  };
  const checkList = (at: number, size: number): { first: number; count: number } => {
    const list = follow(at);
    const count = int32(list);
    intact(count >= 0 && list + 4 + count * size <= bytes.length);
    return { first: list + 4, count };
  };
  const checkSlot = (slot: Slot, at: number): void => {
    if ('bytes' in slot) {
      checkList(at, slot.bytes);
    } else if ('table' in slot) {
      checkTable(follow(at), slot.table());
    } else {
      const { first, count } = checkList(at, 4);
      for (let i = 0; i < count; i += 1) checkTable(follow(first + 4 * i), slot.list());
    }
  };
  const checkTable = (table: number, { slots, union }: Shape): void => {
    tables -= 1;
    intact(tables >= 0);
    for (const [number, slot] of Object.entries(slots)) {
      const at = slotAt(table, Number(number));
      if (at !== undefined) checkSlot(slot, at);
    }
    if (union === undefined) return;
    const [type, at] = [slotAt(table, union.type), slotAt(table, union.table)];
    if (type === undefined || at === undefined) return;
    intact(type < bytes.length);
    const shape = union.shapes[view.getUint8(type)];
    if (shape !== undefined) checkTable(follow(at), shape);
  };
  checkTable(follow(0), root);
}

/** The file offsets in one list of blocks of a footer that `checkMetadata` has passed. */
function blockOffsets(view: DataView, slot: number): number[] {
  const table = view.getInt32(0, true);
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + 2 * slot;
  if (entry + 2 > view.getUint16(vtable, true)) return [];
  const field = view.getUint16(vtable + entry, true);
  if (field === 0) return [];
  const list = table + field + view.getInt32(table + field, true);
  const count = view.getInt32(list, true);
  const offset = (i: number): number => Number(view.getBigInt64(list + 4 + i * BLOCK, true));
  return Array.from({ length: count }, (_, i) => offset(i));
}

/** Where the messages of a file begin, by the footer. */
export function footerBlocks(bytes: Uint8Array, name: string) {
  checkMetadata(bytes, FOOTER, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { dictionaries: blockOffsets(view, 2), batches: blockOffsets(view, 3) };
}
