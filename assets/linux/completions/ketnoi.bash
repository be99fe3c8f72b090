# Made from `ketnoi --help` by tests/packaging.
_ketnoi() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $before in
        --lang) mapfile -t COMPREPLY < <(compgen -W 'vi en' -- "$word"); return ;;
        --firewall-output) _ketnoi_files; return ;;
        -o | --output) _ketnoi_files; return ;;
        --targets) _ketnoi_files; return ;;
        --timeout | --repeat | --from | --watch | --parallel) return ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--json --lang --timeout --repeat --target-only --from --watch --firewall-output -o --output --targets --parallel --full --resume --anonymise --dry-run -h --help -V --version' -- "$word")
    elif ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W 'check local compare' -- "$word")
    elif [[ ${COMP_WORDS[1]} != check ]]; then
        _ketnoi_files
    fi
}
_ketnoi_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -F _ketnoi ketnoi
