# SPDX-License-Identifier: MIT
#
# What odoofs-restore knows of records: which fields are restored, what their values refer to, and
# how they are compared. Records go by model and id, as {m, i}; a map is {model: {id: …}}.

# ── Lines and maps ──

def lines: split("\n")[] | select(. != "");
def by_model(f): reduce f as $x ({}; .[$x[0]][$x[1]] = $x[2]);
def skipped: ["id", "create_uid", "create_date", "write_uid", "write_date", "__last_update",
	"parent_path"];
# Before 17 a field may be read-only in some states of its record only; a new one has none yet.
def writable($state): (.states // {}) as $states | if $states == {} then .readonly | not
	elif $state == null then true
	else [$states[$state][]? | select(.[0] == "readonly") | .[1]] as $said |
		if $said == [] then .readonly else $said[-1] end | not end;
def restorable: with_entries(select((.key | IN(skipped[]) | not) and .value.store != false and
	(.value | writable(null)) and (.value.type | IN("one2many", "binary") | not)));
def id_of: if type == "array" then .[0] else . end;
def reference: if type == "string" then split(",") | {m: .[0], i: (.[1] | tonumber)}
	else empty end;
def related($record; $f): $record[$f.model_field // ""] // false | select(type == "string");
# All that a value refers to, as {m, i}.
def refers($record; $f): . as $v | if . == false or . == null then empty
	elif $f.type == "many2one" then {m: $f.relation, i: id_of}
	elif $f.type == "many2many" then {m: $f.relation, i: .[]}
	elif $f.type == "reference" then reference
	elif $f.type == "many2one_reference" and . != 0 then {m: related($record; $f), i: .}
	elif $f.type == "properties" and type == "array" then .[] | . as $p |
		if .value == false or .value == null then empty
		elif .type == "many2one" then {m: .comodel, i: (.value | id_of)}
		elif .type == "many2many" then .value[] | {m: $p.comodel, i: id_of} else empty end
	else empty end;
# The value with each reference replaced by to: a number, {new: [model, id]}, or null (lost).
def kept(to): to | select(. != null);
def repoint($record; $f; to): if . == false or . == null then .
	elif $f.type == "many2one" then {m: $f.relation, i: id_of} | to
	elif $f.type == "many2many" then map({m: $f.relation, i: .} | kept(to))
	elif $f.type == "reference" then reference as $r | $r | to |
		if type == "number" then "\($r.m),\(.)" elif . == null then null
		else . + {of: $r.m} end
	elif $f.type == "many2one_reference" and . != 0 then . as $v |
		(related($record; $f) // null) as $m | if $m then {m: $m, i: $v} | to else $v end
	elif $f.type == "properties" and type == "array" then map(. as $p |
		if .value == false or .value == null then .
		elif .type == "many2one" then .value |= ({m: $p.comodel, i: id_of} | to // false)
		elif .type == "many2many" then .value |= map({m: $p.comodel, i: id_of} | kept(to))
		else . end)
	else . end;
def news: [.. | objects | .new? // empty | select(type == "array")];
# What stands for records that were to be created becomes their ids, as far as there are any.
def settle($map): if type == "object" and (.new? | type) == "array" then
		$map[.new[0]][.new[1] | tostring] as $id |
		if $id and .of then "\(.of),\($id)" else $id end
	elif type == "array" then map(settle($map) | select(. != null))
	elif type == "object" and (news | length) > 0 then map_values(settle($map) | . // false)
	else . end;
# As it is compared: whoever mounts with names, and in whatever order ids come.
def plain($f): if $f.type == "many2one" then id_of
	elif $f.type == "many2many" and type == "array" then sort
	elif $f.type == "properties" and type == "array" then
		map({(.name): (if .type == "many2one" then .value | id_of
			elif .type == "many2many" then .value | arrays | map(id_of) | sort
			else .value end)}) | add // {}
	elif . == null then false else . end;
