# Made from `ketnoi --help` by tests/packaging.
complete -c ketnoi -f
complete -c ketnoi -n __fish_use_subcommand -a check -d 'test and say what is wrong'
complete -c ketnoi -n __fish_use_subcommand -a compare -d 'compare two saved JSON reports of one target: ketnoi compare A.json B.json [--json]; the exit status is the later one’s'
complete -c ketnoi -n '__fish_seen_subcommand_from compare' -F
complete -c ketnoi -l json -d 'one line of JSON for each target'
complete -c ketnoi -l lang -x -a 'vi en' -d 'language: vi or en'
complete -c ketnoi -l timeout -x -d 'how long to wait for each address, 4 unless told'
complete -c ketnoi -l repeat -x -d 'connect so many times, a quarter of a second apart: shows what comes and goes'
complete -c ketnoi -l target-only -d 'ask no other port of the same machine'
complete -c ketnoi -l from -x -d 'judge this computer’s firewalls as for a client with this address'
complete -c ketnoi -l firewall-output -r -F -d 'read a firewall’s own output, from where the service is, and judge the port by it; - reads standard input'
complete -c ketnoi -s o -l output -r -F -d 'save the report as well (.md, .json, .txt)'
complete -c ketnoi -l dry-run -d 'say what was understood, contact nobody'
complete -c ketnoi -s h -l help -d 'this help'
complete -c ketnoi -s V -l version -d 'the version'
