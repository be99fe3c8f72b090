# Made from `ketnoi --help` by tests/packaging.
complete -c ketnoi -f
complete -c ketnoi -n __fish_use_subcommand -a check -d 'test and say what is wrong'
complete -c ketnoi -n __fish_use_subcommand -a local -d 'look at one port of this computer: who listens, what the firewall does, and who connects while it watches; it connects nowhere. Takes --watch, --from, --output, --json, --anonymise'
complete -c ketnoi -n '__fish_seen_subcommand_from local' -F
complete -c ketnoi -n __fish_use_subcommand -a compare -d 'compare two saved JSON reports: ketnoi compare A.json B.json [--json]. Two tests of one target are compared in time, and the exit status is the later one’s; a client’s and a server’s report (of ketnoi local, or of a test made there) make one verdict, and the exit status is the client’s'
complete -c ketnoi -n '__fish_seen_subcommand_from compare' -F
complete -c ketnoi -l json -d 'one line of JSON for each target'
complete -c ketnoi -l lang -x -a 'vi en' -d 'language: vi or en'
complete -c ketnoi -l timeout -x -d 'how long to wait for each address, 4 unless told'
complete -c ketnoi -l repeat -x -d 'connect so many times, a quarter of a second apart: shows what comes and goes'
complete -c ketnoi -l target-only -d 'ask no other port of the same machine'
complete -c ketnoi -l from -x -d 'judge this computer’s firewalls as for a client with this address'
complete -c ketnoi -l watch -x -d 'of local: how long to watch for arriving connections, 5 unless told, 0 for a single look'
complete -c ketnoi -l firewall-output -r -F -d 'read what a command printed where the service is (a firewall’s own, netsh … excludedportrange, semanage port -l), and judge the port by it; - reads standard input'
complete -c ketnoi -s o -l output -r -F -d 'save the report as well (.md, .html, .json, .txt)'
complete -c ketnoi -l targets -r -F -d 'test many: one target on each line of the file, after # a comment; - reads standard input. Each target’s name is looked up, each address connected to once, and a greeting listened for'
complete -c ketnoi -l parallel -x -d 'of --targets: so many sockets open at a time, 64 unless told, at most 500'
complete -c ketnoi -l full -d 'of --targets: ask everything that decides, as for one target; slower'
complete -c ketnoi -l resume -d 'of --targets: go on where the file of --output ends, and leave out what it has'
complete -c ketnoi -l anonymise -d 'replace names, addresses and programs in all that is printed and saved'
complete -c ketnoi -l dry-run -d 'say what was understood, contact nobody'
complete -c ketnoi -s h -l help -d 'this help'
complete -c ketnoi -s V -l version -d 'the version'
