import { Document, Scalar, visit } from 'yaml';

/** YAML 1.1 (what Kubernetes reads) and 1.2 disagree on these, or on what ends a line: only quoted are they one thing. */
const AMBIGUOUS = /^(0o.*|<<|=)$/;
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** YAML that versions 1.1 and 1.2 read alike. Long lines stay whole: a change of a value is a change of one line. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string') return;
      if (AMBIGUOUS.test(scalar.value) || scalar.value.search(UNPRINTABLE) >= 0) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
