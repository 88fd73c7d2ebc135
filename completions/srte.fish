# SPDX-License-Identifier: GPL-2.0-only
#
# Completion for fish; the commands know it themselves, see cli_complete.c.

function __srte_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l command $words[1]
    set -l before (string match -r -- '^--[^=]*=' $word)
    for line in ($command --complete $words[2..-1] "$word" 2>/dev/null)
        if test "$line" = @files
            for file in (__fish_complete_path (string replace -- "$before" '' $word))
                printf '%s\n' "$before$file"
            end
        else
            printf '%s\n' $line # echo would take -n
        end
    end
end

for command in srte-attach srte-flows srte-classify srte-steer srte-events
    complete -c $command -f -a '(__srte_complete)'
end
