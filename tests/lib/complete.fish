# SPDX-License-Identifier: GPL-2.0-only
# A line of candidates for each command line on stdin, its words between tabs.
source $SRTE_TOP/completions/srte.fish

while read -l text
    printf '%s\n' (complete -C (string replace -a \t ' ' -- $text) |
        string split -f1 \t | string join ' ')
end
