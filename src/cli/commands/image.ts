/** `kakehashi image`: build, test, sign, show, push a program for the cohorts of a study. @module */
import { Command } from 'commander';
import type { Io } from '../io.ts';
import { imageBuildCommand } from './image-build.ts';
import { imagePushCommand } from './image-push.ts';
import { imageShowCommand } from './image-show.ts';
import { imageSignCommand } from './image-sign.ts';
import { imageTestCommand } from './image-test.ts';

export const imageCommand = (io: Io): Command =>
  new Command('image')
    .description('programs that run over cohorts and answer with noise: build, test, sign, push')
    .addCommand(imageBuildCommand(io))
    .addCommand(imageTestCommand(io))
    .addCommand(imageShowCommand(io))
    .addCommand(imageSignCommand(io))
    .addCommand(imagePushCommand(io));
