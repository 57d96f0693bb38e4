import type { Command } from '@waybill/kernel';
import type { z } from 'zod';
import { Checkpoint } from './events.js';

export const checkpointInputs = { SignCheckpoint: Checkpoint };

export type CheckpointCommand = Command<
  'SignCheckpoint',
  z.output<(typeof checkpointInputs)['SignCheckpoint']>,
  undefined
>;
