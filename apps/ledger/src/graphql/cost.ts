import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

export interface CostLimits {
  readonly aliases: number;
  /** Fields of the answer, at most: each counts as often as the pages around it are long. */
  readonly cost: number;
}

/** Refuses, before anything of it is executed, an operation that asks for more than one answer should carry. */
export function costLimit({ aliases, cost }: CostLimits): ApolloServerPlugin {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ schema, document, operation, request }) {
          const given = countAliases(document);
          if (given > aliases) {
            throw tooMuch(`the query has ${given} aliases; ${aliases} are allowed`, 'Ask in several requests.');
          }
          if (!operation) return Promise.resolve();
          const asked = costOf(schema, document, operation, request.variables ?? {});
          if (asked > cost) {
            throw tooMuch(
              `the query may ask for ${asked.toLocaleString('en-GB')} fields; ${cost.toLocaleString('en-GB')} are allowed`,
              'Each list counts as often as `first` says: ask for shorter pages, or for the inner lists in queries of their own.',
            );
          }
          return Promise.resolve();
        },
      }),
  };
}

const tooMuch = (message: string, hint: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'QUERY_TOO_LARGE', hint, http: { status: 400 } } });

function countAliases(document: DocumentNode): number {
  const count = (set: SelectionSetNode | undefined): number => {
    let aliases = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD && selection.alias) aliases += 1;
      if (selection.kind !== Kind.FRAGMENT_SPREAD) aliases += count(selection.selectionSet);
    }
    return aliases;
  };
  let aliases = 0;
  for (const definition of document.definitions)
    if ('selectionSet' in definition) aliases += count(definition.selectionSet);
  return aliases;
}

/** The fields of the longest answer there can be. The document is valid: no fragment leads back to itself. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const values = new Map<string, unknown>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    values.set(name, variables[name] ?? (defaultValue?.kind === Kind.INT ? Number(defaultValue.value) : undefined));
  }
  /** Each fragment once, however often it is spread. */
  const known = new Map<string, number>();

  const ofSet = (set: SelectionSetNode, type: GraphQLNamedType | undefined): number => {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += ofField(selection, type);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += ofFragment(selection.name.value);
      else {
        const on = selection.typeCondition?.name.value;
        sum += ofSet(selection.selectionSet, on === undefined ? type : schema.getType(on));
      }
    }
    return sum;
  };

  const ofFragment = (name: string): number => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fragment = fragments.get(name)!;
    const cost = ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    known.set(name, cost);
    return cost;
  };

  const ofField = (node: FieldNode, parent: GraphQLNamedType | undefined): number => {
    // Introspection is bounded by the schema.
    if (node.name.value.startsWith('__')) return 0;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (!node.selectionSet) return 1;
    return 1 + pageSize(node, field, values) * ofSet(node.selectionSet, field && getNamedType(field.type));
  };

  const root = schema.getRootType(operation.operation) ?? undefined;
  return ofSet(operation.selectionSet, root);
}

/** How long a list without pages is taken to be, such as the deployments of a release. */
const UNPAGED = 3;

/** Of a connection: its own field counts the page. */
const PAGE: ReadonlySet<string> = new Set(['nodes', 'edges']);

/** 1 for what is no list, and for the pages' own `nodes`. What is no number is refused where it is used. */
function pageSize(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  values: ReadonlyMap<string, unknown>,
): number {
  const argument = field?.args.find(({ name }) => name === 'first');
  if (!argument) return field && isListType(getNullableType(field.type)) && !PAGE.has(field.name) ? UNPAGED : 1;
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  let size: unknown;
  if (given?.kind === Kind.INT) size = Number(given.value);
  else if (given?.kind === Kind.VARIABLE) size = values.get(given.name.value);
  size ??= argument.defaultValue;
  return typeof size === 'number' && size > 1 ? size : 1;
}
