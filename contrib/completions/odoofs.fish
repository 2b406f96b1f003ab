# SPDX-License-Identifier: MIT
# Completion of odoofs for fish: options as --help knows them, profiles, and directories.

# Each option with its values, where there are few, as one word and what it is for.
function __odoofs_settings
    set -l command (commandline -opc)[1]
    $command --help 2>/dev/null | string match -r '^    [a-z].*' | while read -l line
        set -l parts (string match -r '^ *(\S+(?: [a-z_]+=\S+)*)\s*(.*)' $line)
        for option in (string split -n -- ' ' (string replace -a , ' ' -- $parts[2]))
            set -l pair (string split -m 1 = -- $option)
            if test (count $pair) -eq 1
                printf '%s\t%s\n' $pair[1] $parts[3]
            else if string match -q '*|*' -- $pair[2]
                for value in (string split '|' -- $pair[2])
                    printf '%s=%s\t%s\n' $pair[1] $value $parts[3]
                end
            else
                printf '%s=\t%s\n' $pair[1] $parts[3]
            end
        end
    end
end

function __odoofs_profiles
    set -l config $XDG_CONFIG_HOME
    test -n "$config"; or set config ~/.config
    for file in $config/odoofs/config ~/.odoorpcrc
        test -r $file; and string match -rg '^\[(.*)\]' <$file
    end
    echo https://
end

# How many words stand there that are neither options nor what belongs to one.
function __odoofs_words
    set -l behind_o
    set -l n 0
    for word in (commandline -opc)[2..]
        if test -z "$behind_o"; and not string match -q -- '-*' $word
            set n (math $n + 1)
        end
        set behind_o (string match -r -- '^-[fd]*o$' $word)
    end
    echo $n
end

complete -c odoofs -f
complete -c odoofs -s o -x -a '(__fish_complete_list , __odoofs_settings)' -d 'Options'
complete -c odoofs -s f -d 'Stay in the foreground'
complete -c odoofs -s d -d 'The same, and log every request'
complete -c odoofs -s h -l help -d 'Say what there is'
complete -c odoofs -s V -l version -d 'Say which versions these are'
complete -c odoofs -n 'test (__odoofs_words) -eq 0' -a '(__odoofs_profiles)' -d 'Server'
complete -c odoofs -n 'test (__odoofs_words) -eq 1' -a '(__fish_complete_directories)'
