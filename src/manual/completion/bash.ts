import {
  type CompletionNode,
  LIST_GROUPS,
  LIST_KNOWN,
  LIST_PEOPLE,
  listNodes,
  subjectWord,
} from './node.ts'

/** Completion for bash 4 and later, with or without the package bash-completion. */
export function renderBash(): string {
  return `${HEAD}
# What may stand behind a command: words, options, options with the values they take, arguments.
_otpgate_node() {
  words= options= values= arguments=
  case $1 in
${listNodes().map(renderNode).join('\n')}
    *) return 1 ;;
  esac
}
${ENGINE}`
}

function renderNode(node: CompletionNode): string {
  const values = node.options.flatMap(({ long, value }) =>
    value === undefined ? [] : [`${long}=${subjectWord(value.subject, node.isForStrangers)}`],
  )
  const flags = node.options.flatMap(({ short, long }) =>
    short === undefined ? [long] : [short, long],
  )
  const args = node.arguments.map(
    ({ subject, isRepeated }) =>
      `${subjectWord(subject, node.isForStrangers)}${isRepeated ? ' ...' : ''}`,
  )
  return `    ${node.spellings.map((path) => `'${path}'`).join(' | ')})
      words='${node.words.map(({ name }) => name).join(' ')}'
      options='${flags.join(' ')}'
      values='${values.join(' ')}'
      arguments='${args.join(' ')}' ;;`
}

const HEAD = `# bash completion for otpgate(8)

_otpgate_known() { [ "$EUID" -ne 0 ] || ${LIST_KNOWN}; }
_otpgate_people() { ${LIST_PEOPLE}; }
_otpgate_groups() { ${LIST_GROUPS}; }
`

const ENGINE = `
# Prints what a place of this kind can hold, one a line; of files nothing, see below.
_otpgate_values() {
  local known
  case $1 in
    @person) _otpgate_people ;;
    @user) known=$(_otpgate_known); if [ -n "$known" ]; then echo "$known"; else _otpgate_people; fi ;;
    @group) _otpgate_groups ;;
    @*) ;;
    *) echo "\${1//|/$'\\n'}" ;;
  esac
}

# Prints what the option takes.
_otpgate_taken() {
  local each
  for each in $values; do
    [ "\${each%%=*}" != "$1" ] || { echo "\${each#*=}"; return; }
  done
  return 1
}

# Prints what the argument with this number is; the last one may be repeated.
_otpgate_argument() {
  local at=0 last= each
  for each in $arguments; do
    if [ "$each" = ... ]; then echo "$last"; return; fi
    if [ "$at" -eq "$1" ]; then echo "$each"; return; fi
    last=$each
    at=$((at + 1))
  done
}

_otpgate() {
  local current=\${COMP_WORDS[COMP_CWORD]} path=otpgate words options values arguments
  local at word count=0 pending= ended= kind= found
  _otpgate_node "$path"
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    # Readline takes an equals sign for a word of its own.
    if [ "$word" = = ]; then continue; fi
    if [ -n "$pending" ]; then pending=; continue; fi
    if [ -z "$ended" ] && [ "$word" = -- ]; then ended=yes; continue; fi
    if [ -z "$ended" ] && [[ $word == -?* ]]; then
      if kind=$(_otpgate_taken "$word"); then pending=$kind; fi
    elif [ "$count" -eq 0 ] && _otpgate_node "$path $word"; then
      path="$path $word"
    else
      _otpgate_node "$path"
      count=$((count + 1))
    fi
  done
  [ "$current" != = ] || current=
  COMPREPLY=()
  kind=$pending
  if [ -z "$kind" ] && [ -z "$ended" ] && [[ $current == -* ]]; then
    found="\${options// /$'\\n'}"
  else
    [ -n "$kind" ] || kind=$(_otpgate_argument "$count")
    # Readline looks for files itself, and quotes what a shell would run: a name may be anybody's.
    if [ "$kind" = @file ]; then compopt -o default 2>/dev/null; return; fi
    found=$(_otpgate_values "$kind")
    [ -n "$pending" ] || [ "$count" -gt 0 ] || found="\${words// /$'\\n'}"$'\\n'"$found"
  fi
  # Compared, not handed to compgen -W, which would expand them.
  while IFS= read -r word; do
    [[ -z $word || $word != "$current"* ]] || COMPREPLY+=("$word")
  done <<<"$found"
}

complete -F _otpgate otpgate
`
