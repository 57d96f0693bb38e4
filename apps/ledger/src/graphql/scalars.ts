import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

const INSTANT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function instant(value: unknown): string {
  const day = typeof value === 'string' ? INSTANT.exec(value)?.[1] : undefined;
  if (typeof value === 'string' && day !== undefined && isDay(day)) {
    const time = Date.parse(value);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  }
  throw new GraphQLError(`${JSON.stringify(value)} is not an ISO 8601 instant`);
}

function position(value: unknown): string {
  if (typeof value === 'string' && /^(0|[1-9]\d{0,18})$/.test(value)) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new GraphQLError(`${JSON.stringify(value)} is not a position: decimal digits`);
}

function ofText(parse: (value: unknown) => string): (node: ValueNode) => string {
  return (node) => {
    if (node.kind !== Kind.STRING && node.kind !== Kind.INT) throw new GraphQLError('give a string');
    return parse(node.value);
  };
}

export const scalars = {
  DateTime: new GraphQLScalarType<string, string>({
    name: 'DateTime',
    serialize: instant,
    parseValue: instant,
    parseLiteral: ofText(instant),
  }),
  Position: new GraphQLScalarType<string, string>({
    name: 'Position',
    serialize: position,
    parseValue: position,
    parseLiteral: ofText(position),
  }),
  JSON: new GraphQLScalarType<unknown, unknown>({
    name: 'JSON',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: valueFromASTUntyped,
  }),
};
