/** `kakehashi query`: price, run, show. @module */
import { Command } from 'commander';
import type { Io } from '../io.ts';
import { queryPriceCommand } from './query-price.ts';
import { queryRunCommand } from './query-run.ts';
import { queryShowCommand } from './query-show.ts';

export const queryCommand = (io: Io): Command =>
  new Command('query')
    .description('ask a question of a study')
    .addCommand(queryPriceCommand(io))
    .addCommand(queryRunCommand(io))
    .addCommand(queryShowCommand(io));
