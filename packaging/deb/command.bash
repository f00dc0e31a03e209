# bash completion of @NAME@: commands and options, as it tells them itself, and files where they are wanted.
_micronova_@IDENTIFIER@() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=() word
  case $previous in
    --*file | --*dir | --log-config-append)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
  esac
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) words+=("$word") ;; esac
  done
  # A command is the first word of a line, and its explanation is far off.
  mapfile -t COMPREPLY < <(compgen -W "$(
    "$1" "${words[@]}" --help 2>/dev/null |
      sed -nE -e 's/\[no\]//' -e 's/^  ([a-z][a-z0-9_]+)(:.*| \[options\].*|  +.*|)$/\1/p' -e 's/^ *(-[a-zA-Z], +)?(--[a-z][a-z_-]+).*/\2/p' |
      sort -u
  )" -- "$current")
}
complete -F _micronova_@IDENTIFIER@ @NAME@
