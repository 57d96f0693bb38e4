import type { Command, CommandMetadata } from '@waybill/kernel';
import { parseInput } from '@waybill/kernel';
import type { z } from 'zod';

/** A command as a resolver or a policy sends it: the handler of its stream looks up the context. */
export type WithoutContext<C> =
  C extends Command<infer Type, infer Data, unknown>
    ? { readonly type: Type; readonly data: Data; readonly metadata: CommandMetadata }
    : never;

type Inputs = Readonly<Record<string, z.ZodType>>;

/** Parses the data of a command with the schema of its type; throws `INVALID_INPUT` naming each field. */
export function checkInput<C extends { readonly type: string; readonly data: unknown }>(inputs: Inputs, command: C): C {
  const schema = inputs[command.type];
  if (!schema) throw new Error(`no schema for the command ${command.type}`);
  return { ...command, data: parseInput(schema, command.data, spoken(command.type)) };
}

/** `DefineBranchRules` as `define branch rules`. */
const spoken = (type: string): string => type.replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase();
