# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What odoofs-restore does with the files of binary fields: those of the backup whose digest isn't
# the server's are copied, and fields that were empty are emptied. Part of odoofs-restore, which has
# the functions and variables that aren't here.

# What differs: MODEL⇥ID⇥TARGET⇥FIELD⇥FILE⇥SHA1, with "-" for a target that isn't created yet, and
# for a file where there was nothing.
differing_files() {
	# shellcheck disable=SC2154 # $work, $dry, $LIB, $mount
	jq -Rrn --slurpfile fields "$work/fields" --rawfile now "$work/now" \
		--rawfile made "$work/made" --rawfile targets "$work/targets" \
		--rawfile paths "$work/sorted" --arg dry "$dry" "$LIB"'
		def rows($text): by_model($text | lines | split("\t"));
		def digest: if type == "object" then .sha1 else "-" end;
		rows($made) as $made | rows($targets) as $targets | rows($paths) as $paths |
		by_model($now | lines | split("\t") | .[2] |= fromjson) as $now |
		inputs | split("\t") | . as [$m, $i] | (.[2] | fromjson) as $r |
		$targets[$m][$i] as $known | select($known != "?") |
		(if $known != "" then $known else $made[$m][$i] // "-" end) as $target |
		select($target != "-" or $dry != "") | ($now[$m][$target] // {}) as $is |
		$r | to_entries[] | $fields[0][$m][.key] as $f |
		select($f and $f.type == "binary" and ($f | writable($is.state))) |
		select(.value == false or (.value | type) == "object") |
		select((.value | digest) != ($is[.key] | digest)) |
		[$m, $i, $target, .key, (if .value then ($paths[$m][$i] | sub("[^/]*$"; "")) +
			.value.file else "-" end), (.value | digest)] | join("\t")' "$work/want"
}

# write_file FILE MODEL ID.FIELD: as put, of a file.
write_file() {
	name=$mount/$2/$3
	before=$(find "$mount/$2" -maxdepth 1 -name "$3*.rej*" | head -n 1)
	cp "$1" "$name" 2>"$work/words" && return 0
	why=$(jq -rs --arg path "$2/${3%%.*}." '[.[] | select(.path // "" | startswith($path))] |
		last // {} | .message // empty' "$mount/.odoofs/errors")
	why=${why:-$(head -n 1 "$work/words" | sed 's/^cp: //')}
	if [ -z "$before" ]; then
		rm -f "$name"*.rej "$name"*.rej.txt 2>/dev/null || :
	fi
	return 1
}

# restore_file NAME FILE SHA1: 0 when it was done.
restore_file() {
	if [ "$2" = - ]; then
		rm "$mount/$1" 2>"$work/words" && return
		problem "$1 can't be emptied: $(sed 's/^rm: //' "$work/words")"
	elif ! [ -f "$2" ]; then
		problem "$2 is missing from the backup: $1 is left alone"
	elif [ "$(sha1sum <"$2" | cut -d ' ' -f 1)" != "$3" ]; then
		problem "$2 isn't what its record says of it: $1 is left alone"
	elif ! write_file "$2" "${1%%/*}" "${1#*/}"; then
		problem "$1 can't be written: $why"
	else
		return 0
	fi
	echo "$1" >>"$work/refused"
	return 1
}

restore_files() {
	if [ "$(jq -r .options.binary "$mount/.odoofs/status.json")" != files ]; then
		say 'images and attachments are left aside: the mount needs binary=files'
		return
	fi
	differing_files >"$work/files"
	while IFS=$TAB read -r model id target field file sha1; do
		[ "$target" != - ] || target=$id
		name=$model/$target.$field
		what=written
		[ "$file" != - ] || what=emptied
		# shellcheck disable=SC2154 # $will
		echo "$name: $will$what"
		cat "$work/changed" "$work/created" | grep -qx "$model/$id" ||
			echo "$model/$id" >>"$work/changed"
		[ -n "$dry" ] || restore_file "$name" "$file" "$sha1" || :
	done <"$work/files"
}

# What the server made of them: a large image is made smaller, say.
check_files() {
	cut -f 1,3 "$work/files" | sort -u | sed "s|^|$mount/|; s|$TAB|/|; s|\$|.json|" |
		contents >"$work/now" 2>"$work/words"
	cut -f 1,2 "$work/files" | sort -u >"$work/kept"
	differing_files | while IFS=$TAB read -r model id target field _; do
		if grep -qx "$model$TAB$id" "$work/kept" &&
			! grep -qx "$model/$target.$field" "$work/refused"; then
			problem "$model/$target.$field isn't as it was"
		fi
	done
}
