# bash completion of @NAME@: its options, as it tells them itself, and files where they are wanted.
_micronova_@IDENTIFIER@() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    --config-file | --config-dir | --log-file | --log-dir | --log-config-append)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null | grep -oE -- '--(\[no\])?[a-z][a-z-]+' | sed 's/\[no\]//' | sort -u)" -- "$current")
      ;;
  esac
}
complete -F _micronova_@IDENTIFIER@ @NAME@
