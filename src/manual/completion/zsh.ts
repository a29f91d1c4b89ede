import type { ArgumentView, OptionView, Subject } from '../command-view.ts'
import { type CompletionNode, LIST_GROUPS, LIST_KNOWN, LIST_PEOPLE, listNodes } from './node.ts'

/** Completion for zsh 5, as a function that compinit finds by its name, `_otpgate`. */
export function renderZsh(): string {
  const nodes = listNodes()
  return [HEAD, ...nodes.map((node) => renderNode(node, nodes)), TAIL].join('\n')
}

/** A function for each command; the words before it are gone when it is called. */
function renderNode(node: CompletionNode, nodes: readonly CompletionNode[]): string {
  const below = node.words.length > 0
  const specs = node.options.map((option) => optionSpec(option, node))
  const places = below
    ? [`'1: :->word'`, `'*:: :->rest'`]
    : node.arguments.map((argument) => argumentSpec(argument, node))
  const call = `  _arguments -s ${below ? '-C ' : ''}${[...specs, ...places].join(' \\\n    ')}`
  const body = below ? `${call} && ret=0` : call
  const lines = below ? [body, renderBelow(node, nodes)] : [body]
  const local = below
    ? '  local curcontext=$curcontext state line ret=1\n  typeset -A opt_args\n'
    : ''
  return `${functionOf(node.path)}() {\n${local}${lines.join('\n')}\n}\n`
}

function renderBelow(node: CompletionNode, nodes: readonly CompletionNode[]): string {
  const words = node.words.map(({ name, about }) => shellQuote(`${colons(name)}:${about}`))
  const [first] = node.arguments
  const also = first === undefined ? '' : `\n      ${actionOf(first.subject, node)} && ret=0`
  const cases = node.words.flatMap(({ name }) => {
    const child = nodes.find(({ path }) => path === `${node.path} ${name}`)
    if (child === undefined) return []
    const names = child.spellings.map((path) => path.slice(node.path.length + 1))
    return [`        ${names.join('|')}) ${functionOf(child.path)} && ret=0 ;;`]
  })
  const specs = node.options.map((option) => optionSpec(option, node)).join(' \\\n          ')
  return `  case $state in
    word)
      local -a words_below
      words_below=(${words.join(' ')})
      _describe -t commands command words_below && ret=0${also} ;;
    rest)
      case $line[1] in
${cases.join('\n')}
        *) _arguments -s ${specs} && ret=0 ;;
      esac ;;
  esac
  return ret`
}

function optionSpec({ short, long, about, value }: OptionView, node: CompletionNode): string {
  const words = `[${about.replace(/[[\]\\]/g, '\\$&')}]`
  const taken = value === undefined ? '' : `:${colons(value.name)}:${actionOf(value.subject, node)}`
  const spec = shellQuote(`${words}${taken}`)
  if (short === undefined) return `${long}${spec}`
  return `'(${short} ${long})'{${short},${long}}${spec}`
}

function argumentSpec(argument: ArgumentView, node: CompletionNode): string {
  const { name, isRequired, isRepeated, subject } = argument
  const place = isRepeated ? '*' : `${node.arguments.indexOf(argument) + 1}`
  const colon = isRequired || isRepeated ? ':' : '::'
  return shellQuote(`${place}${colon}${colons(name)}:${actionOf(subject, node)}`)
}

function actionOf(subject: Subject, { isForStrangers }: CompletionNode): string {
  switch (subject.kind) {
    case 'choice':
      return `(${subject.choices.join(' ')})`
    case 'user':
      return isForStrangers ? '_otpgate_people' : '_otpgate_users'
    case 'group':
      return '_otpgate_groups'
    case 'file':
      return '_files'
    default:
      return ' '
  }
}

/** `otpgate device add` -> `_otpgate_device_add`; the program's own is called by the file. */
function functionOf(path: string): string {
  return path === 'otpgate' ? '_otpgate_program' : `_${path.replace(/[ -]/g, '_')}`
}

function colons(text: string): string {
  return text.replaceAll(':', '\\:')
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

const HEAD = `#compdef otpgate
# zsh completion for otpgate(8)

_otpgate_users() {
  local -a found
  (( EUID )) || found=(\${(f)"$(${LIST_KNOWN})"})
  if (( $#found )); then _describe -t users user found; else _otpgate_people; fi
}

_otpgate_people() {
  local -a found
  found=(\${(f)"$(${LIST_PEOPLE})"})
  _describe -t users user found
}

_otpgate_groups() {
  local -a found
  found=(\${(f)"$(${LIST_GROUPS})"})
  _describe -t groups group found
}
`

const TAIL = `_otpgate_program "$@"
`
