# Completion for cairn, cairn-verify, cairnd and cairn-agent: the commands and options that the
# program itself names in its --help.
_cairn() {
    local current="${COMP_WORDS[COMP_CWORD]}" word words=() text
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == [a-z]* ]] && words+=("$word")
    done
    # An option's value is no command: then the last words are tried without it.
    while ! text="$("$1" "${words[@]}" --help 2>/dev/null)" && ((${#words[@]})); do
        unset 'words[-1]'
    done
    # shellcheck disable=SC2207
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(grep -oE '(^ +|,)--?[a-z][a-z0-9-]*' <<<"$text" | tr -d ' ,')" \
            -- "$current"))
    else
        COMPREPLY=($(compgen -W "$(sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\) .*/\1/p' \
            <<<"$text")" -- "$current"))
    fi
}
complete -o default -F _cairn cairn cairn-verify cairnd cairn-agent
