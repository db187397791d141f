/** What the commands over cohort files share. @module */
import { Option } from 'commander';
import { ENCODINGS } from '../engine/duckdb/text-encoding.ts';

/** Of the argument for files. */
export const FILES =
  'CSV, Parquet or Arrow IPC files, several are read as one; of clinical records files or a folder';

export const encodingOption = (): Option =>
  new Option(
    '--encoding <name>',
    'encoding of CSV files (default: byte order mark, else utf-8, else refused)',
  ).choices([...ENCODINGS]);
