import type { CompletionWords } from './words.js';

/**
 * Two `case` tables over `path|option`: what a command offers, and what an option's value may be. Words that are
 * neither a command nor an option are skipped while the path is found, so options may stand anywhere.
 */
export function bashScript(words: readonly CompletionWords[]): string {
  const offers = words.map(
    ({ path, commands, options, arguments: args }) =>
      `    ${quoted(path)}) offered=${quoted([...commands.map(({ name }) => name), ...args.flat(), ...options.flatMap(({ flags }) => flags)].join(' '))} ;;`,
  );
  const values = words.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, choices, takesFile }) => {
        const patterns = flags.map((flag) => quoted(`${path}|${flag}`)).join('|');
        return `    ${patterns}) ${takesFile ? 'files=1' : `offered=${quoted(choices.join(' '))}`}; value=1 ;;`;
      }),
  );
  const paths = words
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join('|');
  return `# bash completion for waybill; load with: source <(waybill completion bash)
_waybill() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" word candidate offered="" value="" files="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    candidate="\${path:+$path }$word"
    case "$candidate" in
    ${paths}) path="$candidate" ;;
    esac
  done
  case "$path|$previous" in
${values.join('\n')}
  esac
  if [[ -n $files ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  if [[ -z $value ]]; then
    case "$path" in
${offers.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -F _waybill waybill
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
