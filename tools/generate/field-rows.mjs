/**
 * The fields of a JSON schema (draft 2020-12, as zod writes it) as rows of a table: one for every leaf, list and
 * variant, in the order of the schema.
 * @param {object} schema of an object
 * @returns {{ path: string, optional: boolean, type: string }[]}
 */
export function fieldRows(schema) {
  return membersOf(schema, '');
}

function membersOf(schema, prefix) {
  const required = new Set(schema.required ?? []);
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    rowsOf(member, `${prefix}${name}`, !required.has(name)),
  );
  const { additionalProperties } = schema;
  return additionalProperties && typeof additionalProperties === 'object' && !schema.properties
    ? [...named, ...rowsOf(additionalProperties, `${prefix}<key>`, false)]
    : named;
}

function rowsOf(schema, path, optional) {
  const { inner, nullable } = withoutNull(schema);
  const row = { path, optional, type: words(inner) + (nullable ? ', or null' : '') };
  return [row, ...nestedRows(inner, path)];
}

function nestedRows(schema, path) {
  if (schema.type === 'object') return membersOf(schema, `${path}.`);
  if (schema.type === 'array') {
    const { inner } = withoutNull(schema.items ?? {});
    return inner.type === 'object' || inner.type === 'array' || variantsOf(inner) ? nestedRows(inner, `${path}[]`) : [];
  }
  const variants = variantsOf(schema);
  if (!variants) return [];
  const { key, members } = variants;
  return members.flatMap((member) => {
    const { [key]: tag, ...properties } = member.properties;
    return membersOf({ ...member, properties }, `${path}(${key}: ${tag.const}).`);
  });
}

function words(schema) {
  const variants = variantsOf(schema);
  if (variants)
    return `one of \`${variants.key}\`: ${variants.members.map((m) => m.properties[variants.key].const).join(', ')}`;
  if (schema.const !== undefined) return `always \`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map(words).join(' or ');
  switch (schema.type) {
    case 'string':
      return `${FORMATS[schema.format] ?? 'string'}${limits(schema.minLength, schema.maxLength, 'character')}`;
    case 'integer':
    case 'number':
      return `${schema.type}${limits(schema.minimum, schema.maximum, '')}`;
    case 'array':
      return `list of ${words(withoutNull(schema.items ?? {}).inner)}${limits(schema.minItems, schema.maxItems, 'member')}`;
    case 'object':
      return schema.properties ? 'object' : 'map';
    case undefined:
      return 'any JSON value';
    default:
      return schema.type;
  }
}

/** Formats that say more than "string"; the others repeat a pattern. */
const FORMATS = { 'date-time': 'instant', uuid: 'UUID' };

/** zod bounds every integer by what I-JSON can carry; that says nothing about the field. */
function limits(least, most, unit) {
  const from = least !== undefined && least > -Number.MAX_SAFE_INTEGER ? `at least ${least}` : '';
  const to = most !== undefined && most < Number.MAX_SAFE_INTEGER ? `at most ${most}` : '';
  const both = [from, to].filter(Boolean).join(', ');
  const plural = unit && ` ${unit}${(most ?? least) === 1 ? '' : 's'}`;
  return both && ` (${both}${plural})`;
}

function withoutNull(schema) {
  const alternatives = schema.anyOf;
  if (!alternatives?.some(({ type }) => type === 'null')) return { inner: schema, nullable: false };
  const rest = alternatives.filter(({ type }) => type !== 'null');
  return { inner: rest.length === 1 ? rest[0] : { anyOf: rest }, nullable: true };
}

/** The objects of a union that one constant field tells apart. */
function variantsOf(schema) {
  const members = schema.oneOf ?? schema.anyOf;
  if (!members?.every(({ type, properties }) => type === 'object' && properties)) return undefined;
  const key = Object.keys(members[0].properties).find((name) =>
    members.every(({ properties }) => properties[name]?.const !== undefined),
  );
  return key === undefined ? undefined : { key, members };
}
