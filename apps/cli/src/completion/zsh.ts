import type { CompletionWords } from './words.js';

/** A `case` table over the path of commands; each entry is described to `_describe` or left to `_files`. */
export function zshScript(words: readonly CompletionWords[]): string {
  const offers = words.map(({ path, commands, options, arguments: args }) => {
    const entries = [
      ...commands.map(({ name, summary }) => described(name, summary)),
      ...args.flat().map((word) => described(word, '')),
      ...options.flatMap(({ flags, summary }) => flags.map((flag) => described(flag, summary))),
    ];
    return `    ${quoted(path)}) offered=(${entries.join(' ')}) ;;`;
  });
  const values = words.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, choices, takesFile }) => {
        const patterns = flags.map((flag) => quoted(`${path}|${flag}`)).join('|');
        const action = takesFile
          ? '_files; return'
          : `offered=(${choices.map((word) => quoted(word)).join(' ')}); value=1`;
        return `    ${patterns}) ${action} ;;`;
      }),
  );
  const paths = words
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join('|');
  return `#compdef waybill
# zsh completion for waybill; put it into a folder of $fpath as _waybill
_waybill() {
  local previous="\${words[CURRENT-1]}" path_="" candidate word value=""
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    candidate="\${path_:+$path_ }$word"
    case "$candidate" in
    ${paths}) path_="$candidate" ;;
    esac
  done
  case "$path_|$previous" in
${values.join('\n')}
  esac
  if [[ -z $value ]]; then
    case "$path_" in
${offers.join('\n')}
    esac
  fi
  _describe waybill offered
}
if [[ $funcstack[1] = _waybill ]]; then _waybill "$@"; else compdef _waybill waybill; fi
`;
}

/** In \`_describe\` a colon parts word and description. */
const described = (word: string, summary: string): string =>
  quoted(`${word.replaceAll(':', '\\:')}${summary ? `:${summary}` : ''}`);

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
