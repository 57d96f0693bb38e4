/**
 * The page with the text between the marks `<!-- generated: name -->` and `<!-- end -->` replaced.
 * @param {string} path for the message when there are no such marks
 * @param {string} page @param {string} name @param {string} text
 */
export function between(path, page, name, text) {
  const [start, end] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`${path} has no place for "${name}"`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}
