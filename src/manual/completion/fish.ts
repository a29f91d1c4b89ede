import type { ArgumentView, OptionView, Subject } from '../command-view.ts'
import { type CompletionNode, LIST_GROUPS, LIST_KNOWN, LIST_PEOPLE, listNodes } from './node.ts'

/** Completion for fish 3. */
export function renderFish(): string {
  const nodes = listNodes()
  return [HEAD, renderTable(nodes), ENGINE, ...nodes.map(renderNode), ''].join('\n')
}

/** What the words in front of the cursor mean: where they lead, and which options take a value. */
function renderTable(nodes: readonly CompletionNode[]): string {
  const below = nodes
    .slice(1)
    .flatMap(({ path, spellings }) =>
      spellings.map((spelling) => `    case '${spelling}'\n      echo '${path}'`),
    )
  const valued = new Set(
    nodes.flatMap(({ options }) =>
      options.filter(({ value }) => value !== undefined).map(({ long }) => long),
    ),
  )
  return `function __otpgate_command
  switch "$argv"
${below.join('\n')}
    case '*'
      return 1
  end
end

function __otpgate_takes_value
  contains -- $argv[1] ${[...valued].join(' ')}
end
`
}

function renderNode(node: CompletionNode): string {
  const at = `complete -c otpgate -n "__otpgate_at '${node.path}'`
  const words = node.words.map(({ name, about }) => `${at} 0" -a ${name} -d ${shellQuote(about)}`)
  const options = node.options.map((option) => `${at}" ${optionSpec(option, node)}`)
  const args = node.arguments.flatMap((argument, index) => argumentLine(argument, index, node))
  return [...words, ...args.map((spec) => `${at} ${spec}`), ...options].join('\n')
}

function optionSpec({ short, long, about, value }: OptionView, node: CompletionNode): string {
  const letter = short === undefined ? '' : `-s ${short.slice(1)} `
  const taken = value === undefined ? '' : ` ${valueSpec(value.subject, node)}`
  return `${letter}-l ${long.slice(2)}${taken} -d ${shellQuote(about)}`
}

function valueSpec(subject: Subject, node: CompletionNode): string {
  if (subject.kind === 'file') return '-r -F'
  const list = listOf(subject, node)
  return list === undefined ? '-x' : `-x -a ${shellQuote(list)}`
}

function argumentLine(
  { subject, isRepeated }: ArgumentView,
  index: number,
  node: CompletionNode,
): readonly string[] {
  const at = `${index}${isRepeated ? ' more' : ''}"`
  if (subject.kind === 'file') return [`${at} -F`]
  const list = listOf(subject, node)
  return list === undefined ? [] : [`${at} -a ${shellQuote(list)}`]
}

function listOf(subject: Subject, { isForStrangers }: CompletionNode): string | undefined {
  switch (subject.kind) {
    case 'choice':
      return subject.choices.join(' ')
    case 'user':
      return isForStrangers ? '(__otpgate_people)' : '(__otpgate_users)'
    case 'group':
      return '(__otpgate_groups)'
    default:
      return undefined
  }
}

function shellQuote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}

const HEAD = `# fish completion for otpgate(8)

function __otpgate_people
  ${LIST_PEOPLE}
end

function __otpgate_users
  set -l found
  if test (id -u) -eq 0; and command -sq otpgate
    set found (${LIST_KNOWN})
  end
  if set -q found[1]
    printf '%s\\n' $found
  else
    __otpgate_people
  end
end

function __otpgate_groups
  ${LIST_GROUPS}
end
`

const ENGINE = `# Where the words so far lead, and how many arguments are behind that. Found once for a line.
function __otpgate_find
  set -l words (commandline -opc)
  test "$words" = "$__otpgate_words"; and return
  set -g __otpgate_words $words
  set -l path otpgate
  set -l count 0
  set -l pending
  set -l ended
  for word in $words[2..-1]
    if set -q pending[1]
      set -e pending
    else if not set -q ended[1]; and test "$word" = --
      set ended yes
    else if not set -q ended[1]; and string match -q -- '-?*' "$word"
      __otpgate_takes_value $word; and set pending yes
    else if test $count -eq 0; and set -l next (__otpgate_command "$path $word")
      set path $next
    else
      set count (math $count + 1)
    end
  end
  set -g __otpgate_path $path
  set -g __otpgate_count $count
end

# Whether they lead to this command, with that many arguments behind it, or more.
function __otpgate_at
  __otpgate_find
  test "$__otpgate_path" = "$argv[1]"; or return 1
  set -q argv[2]; or return 0
  test $__otpgate_count -eq $argv[2]; and return 0
  set -q argv[3]; and test $__otpgate_count -gt $argv[2]
end

complete -c otpgate -f
`
