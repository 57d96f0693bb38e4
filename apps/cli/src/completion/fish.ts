import type { CompletionWords } from './words.js';

/** One `complete` line a word; a function finds the path of commands typed so far. */
export function fishScript(words: readonly CompletionWords[]): string {
  const paths = words
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join(' ');
  const lines = words.flatMap(({ path, commands, options, arguments: args }) => {
    const when = `-n ${quoted(`__waybill_at ${quoted(path)}`)}`;
    return [
      ...commands.map(({ name, summary }) => `complete -c waybill ${when} -a ${quoted(name)} -d ${quoted(summary)}`),
      ...args.flat().map((word) => `complete -c waybill ${when} -a ${quoted(word)}`),
      ...options.map(({ flags, summary, takesValue, choices, takesFile }) =>
        [
          `complete -c waybill ${when}`,
          ...flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
          takesValue ? (takesFile ? '-rF' : `-x -a ${quoted(choices.join(' '))}`) : '',
          `-d ${quoted(summary)}`,
        ]
          .filter(Boolean)
          .join(' '),
      ),
    ];
  });
  return `# fish completion for waybill; put it into ~/.config/fish/completions/waybill.fish
function __waybill_at
    set -l typed ''
    for word in (commandline -opc)[2..-1]
        set -l candidate (string trim -- "$typed $word")
        contains -- "$candidate" ${paths}; and set typed "$candidate"
    end
    test "$typed" = "$argv[1]"
end
complete -c waybill -f
${lines.join('\n')}
`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
