import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Refuses queries whose fields nest deeper than `limit`. Introspection is left alone: its depth is bounded. */
export function depthLimit(limit: number): ValidationRule {
  return (context: ValidationContext) => {
    const memo = new Map<string, number>();
    return {
      OperationDefinition(operation) {
        const depth = depthOf(operation.selectionSet, context, memo, new Set());
        if (depth > limit) {
          context.reportError(
            new GraphQLError(`the query nests ${depth} levels deep; ${limit} are allowed`, {
              nodes: [operation],
              extensions: { hint: 'Ask for the inner part in a query of its own.' },
            }),
          );
        }
      },
    };
  };
}

/** `memo` keeps each fragment's depth, so that fragments which spread each other many times cost no more than once. */
function depthOf(
  set: SelectionSetNode,
  context: ValidationContext,
  memo: Map<string, number>,
  open: ReadonlySet<string>,
): number {
  let deepest = 0;
  for (const selection of set.selections) {
    let depth = 0;
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value.startsWith('__')) continue;
      depth = 1 + (selection.selectionSet ? depthOf(selection.selectionSet, context, memo, open) : 0);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      depth = depthOf(selection.selectionSet, context, memo, open);
    } else {
      // Another rule refuses fragments that lead back to themselves; here they only must not hang.
      const fragment = context.getFragment(selection.name.value);
      if (fragment && !open.has(fragment.name.value)) depth = fragmentDepth(fragment, context, memo, open);
    }
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function fragmentDepth(
  fragment: FragmentDefinitionNode,
  context: ValidationContext,
  memo: Map<string, number>,
  open: ReadonlySet<string>,
): number {
  const name = fragment.name.value;
  const known = memo.get(name);
  if (known !== undefined) return known;
  const depth = depthOf(fragment.selectionSet, context, memo, new Set([...open, name]));
  memo.set(name, depth);
  return depth;
}
