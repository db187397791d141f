/** `kakehashi study`: draft, sign, merge, show, submit, amend, accept, stop. @module */
import { Command } from 'commander';
import type { Io } from '../io.ts';
import { studyAcceptCommand } from './study-accept.ts';
import { studyAmendCommand } from './study-amend.ts';
import { studyDraftCommand } from './study-draft.ts';
import { studyMergeCommand } from './study-merge.ts';
import { studyShowCommand } from './study-show.ts';
import { studySignCommand } from './study-sign.ts';
import { studyStopCommand } from './study-stop.ts';
import { studySubmitCommand } from './study-submit.ts';
import { studySynthCommand } from './study-synth.ts';

export const studyCommand = (io: Io): Command =>
  new Command('study')
    .description('the agreement between holders: write, sign, send, amend, stop')
    .addCommand(studyDraftCommand(io))
    .addCommand(studySignCommand(io))
    .addCommand(studyMergeCommand(io))
    .addCommand(studyShowCommand(io))
    .addCommand(studySynthCommand(io))
    .addCommand(studySubmitCommand(io))
    .addCommand(studyAmendCommand(io))
    .addCommand(studyAcceptCommand(io))
    .addCommand(studyStopCommand(io));
