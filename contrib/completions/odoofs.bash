# SPDX-License-Identifier: MIT
# Completion of odoofs for bash: options as --help knows them, profiles, and directories.

# Each option and what it takes, as "fields=stored|all" or "ro", a line each.
_odoofs_options()
{
	"$1" --help 2>/dev/null | sed -n 's/^    \([a-z][^ ]*\( [a-z_]*=[^ ]*\)*\).*/\1/p' |
		tr -s ' ,' '\n\n' | sed '/^$/d'
}

_odoofs_profiles()
{
	sed -n 's/^\[\(.*\)\].*/\1/p' "${XDG_CONFIG_HOME:-$HOME/.config}/odoofs/config" \
		"$HOME/.odoorpcrc" 2>/dev/null
}

# The last of the settings behind -o: its name, or its value.
_odoofs_setting()
{
	local cur=$2 head=${2%"${2##*,}"} last=${2##*,} name takes option

	COMPREPLY=()
	while read -r option; do
		name=${option%%=*} takes=${option#"$name"} takes=${takes#=}
		if [[ $last != *=* ]]; then
			[[ $takes ]] && name+='='
			[[ $name == "$last"* ]] && COMPREPLY+=("$head$name")
		elif [[ $name == "${last%%=*}" && $takes == *'|'* ]]; then
			COMPREPLY+=($(compgen -P "$head$name=" -W "${takes//|/ }" -- "${last#*=}"))
		elif [[ $name == "${last%%=*}" && $takes == FILE ]]; then
			compopt -o filenames 2>/dev/null
			COMPREPLY+=($(compgen -P "$head$name=" -f -- "${last#*=}"))
		fi
	done < <(_odoofs_options "$1")
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	# Readline replaces only what follows the last of these.
	COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*[=:]}"}"}")
}

_odoofs()
{
	local cur prev words cword word behind_o= count=0

	_init_completion -n '=:' || return
	for word in "${words[@]:1:cword-1}"; do
		if [[ ! $behind_o && $word != -* ]]; then
			((count++))
		fi
		behind_o=
		[[ $word == -o || $word == -[fd]*o ]] && behind_o=1
	done
	if [[ $behind_o ]]; then
		_odoofs_setting "$1" "$cur"
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W '-o -f -d -h --help -V --version' -- "$cur"))
	elif ((count == 0)); then
		COMPREPLY=($(compgen -W "$(_odoofs_profiles) https://" -- "$cur"))
		[[ ${COMPREPLY[0]} == https:// ]] && compopt -o nospace 2>/dev/null
		__ltrim_colon_completions "$cur"
	elif ((count == 1)); then
		_filedir -d
	fi
} && complete -F _odoofs odoofs
