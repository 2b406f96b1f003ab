# SPDX-License-Identifier: MIT
"""Command-line tools that change a file: each is one write of the one field that was changed."""

import os

import pytest

from harness.desk import replace
from harness.programs import need, shell, succeeds

# FILE is the record, DIR its directory, NEW a copy of it in which the city is another, COPY a
# directory in which that copy has the record's name, N the record's number.
IN_PLACE = {
    "cat": 'cat "$NEW" > "$FILE"',
    "cp": 'cp "$NEW" "$FILE"',
    "cp -p": 'cp -p "$NEW" "$FILE"',
    "cp -a": 'cp -a "$NEW" "$FILE"',
    "cp -f": 'cp -f "$NEW" "$FILE"',
    "cp -T --sparse=always": 'cp -T --sparse=always "$NEW" "$FILE"',
    "tee": 'tee "$FILE" < "$NEW" > /dev/null',
    "dd": 'dd if="$NEW" of="$FILE" status=none',
    "dd by small blocks": 'dd if="$NEW" of="$FILE" bs=16 status=none',
    "dd conv=fsync": 'dd if="$NEW" of="$FILE" conv=fsync status=none',
    "dd conv=notrunc": 'dd if="$NEW" of="$FILE" conv=notrunc status=none',
    "a part by dd conv=notrunc":
        'at=$(grep -bo Ghent "$FILE" | head -n 1 | cut -d : -f 1); '
        'printf Namur | dd of="$FILE" bs=1 seek="$at" conv=notrunc status=none',
    "ed": 'printf "%s\\n" "g/Ghent/s//Namur/" w q | ed -s "$FILE"',
    "ex": 'printf "%s\\n" "%s/Ghent/Namur/" wq | ex -s -u NONE "$FILE"',
    "echo": 'text=$(cat "$NEW"); echo "$text" > "$FILE"',
    "two builtins": 'text=$(cat "$NEW"); { printf "%s" "$text"; echo; } > "$FILE"',
    "jq and sponge": 'jq ".city = \\"Namur\\"" "$FILE" | sponge "$FILE"',
    "jq -c and sponge": 'jq -c ".city = \\"Namur\\"" "$FILE" | sponge "$FILE"',
    "jq, a part": 'jq "{id, city: \\"Namur\\"}" "$FILE" | sponge "$FILE"',
    "jq -S, one field": 'jq -S "{city: \\"Namur\\"}" "$FILE" | sponge "$FILE"',
    "rsync --inplace": 'rsync -a --inplace "$COPY/" "$DIR/"',
    "rsync --inplace --no-whole-file": 'rsync -a --inplace --no-whole-file "$COPY/" "$DIR/"',
    "sponge": 'sponge "$FILE" < "$NEW"',
    "1<>": 'cat "$NEW" 1<> "$FILE"',
    "perl open": 'perl -e \'local $/; open(my $in, "<", $ENV{NEW}); my $text = <$in>; '
                 'open(my $out, ">", $ENV{FILE}) or die; print $out $text; '
                 'close($out) or die $!\'',
    "awk": 'awk -v out="$FILE" \'{ print > out }\' "$NEW"',
    "curl -o": 'curl -s -o "$FILE" "file://$NEW"',
    "tar, overwriting": 'tar -C "$COPY" -c . | tar -C "$DIR" -x --overwrite --touch',
}

BY_RENAME = {
    "sed -i": 'sed -i "s/Ghent/Namur/" "$FILE"',
    "sed -i -z": 'sed -i -z "s/Ghent/Namur/" "$FILE"',
    "sed -i -e twice": 'sed -i -e "s/Ghent/Gent/" -e "s/Gent/Namur/" "$FILE"',
    "perl -i": 'perl -pi -e "s/Ghent/Namur/" "$FILE"',
    "mv": 'cp "$NEW" "$DIR/edited.tmp" && mv "$DIR/edited.tmp" "$FILE"',
    "mv -f": 'cp "$NEW" "$DIR/.new" && mv -f "$DIR/.new" "$FILE"',
    "mv -T of a name in .json": 'cp "$NEW" "$DIR/.$N.json.new" && '
                                'mv -T "$DIR/.$N.json.new" "$FILE"',
    "jq and mv": 'jq ".city = \\"Namur\\"" "$FILE" > "$DIR/.jq" && mv "$DIR/.jq" "$FILE"',
    "rsync": 'rsync -a "$COPY/" "$DIR/"',
    "rsync -c": 'rsync -rc "$COPY/" "$DIR/"',
    "rsync --whole-file --fsync": 'rsync -a --whole-file --fsync "$COPY/" "$DIR/"',
    "rsync --no-whole-file": 'rsync -a --no-whole-file "$COPY/" "$DIR/"',
    "patch": 'diff -u "$FILE" "$NEW" > change.diff || patch -s "$FILE" < change.diff',
    "gawk -i inplace": 'gawk -i inplace \'{ sub(/Ghent/, "Namur") } 1\' "$FILE"',
}

# These leave a copy of what was there beside the record: it stays until it is removed.
WITH_COPY = {
    "sed -i.bak": ('sed -i.bak "s/Ghent/Namur/" "$FILE"', ".bak"),
    "perl -i.bak": ('perl -pi.bak -e "s/Ghent/Namur/" "$FILE"', ".bak"),
    "rsync --backup": ('rsync -a --backup "$COPY/" "$DIR/"', "~"),
    "cp -b": ('cp -b "$NEW" "$FILE"', "~"),
    "mv -b": ('cp "$NEW" "$DIR/.new" && mv -b "$DIR/.new" "$FILE"', "~"),
    "patch -b": ('diff -u "$FILE" "$NEW" > change.diff || patch -s -b "$FILE" < change.diff',
                 ".orig"),
}

BUILTIN = {"two", "echo", "a", "1<>"}


def program_of(title: str) -> str:
    return title.replace(",", " ").split()[0]


def prepare(desk, tmp_path) -> dict:
    """The names that the scripts use."""
    copy = tmp_path / "copy"
    copy.mkdir()
    new = copy / f"{desk.number}.json"
    new.write_bytes(desk.edited(city="Namur"))
    return {"FILE": desk.path, "DIR": desk.directory, "NEW": new, "COPY": copy,
            "N": desk.number}


def edit(desk, tmp_path, title: str, script: str) -> None:
    need(*[name for name in (program_of(title), "sponge" if "sponge" in script else "cat")
           if name not in BUILTIN])
    succeeds(script, tmp_path, **prepare(desk, tmp_path))


@pytest.mark.parametrize("title", IN_PLACE)
def test_in_place(bench, tmp_path, title):
    desk = bench()
    edit(desk, tmp_path, title, IN_PLACE[title])
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("title", BY_RENAME)
def test_by_rename(bench, tmp_path, title):
    desk = bench()
    edit(desk, tmp_path, title, BY_RENAME[title])
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("title", WITH_COPY)
def test_with_a_copy_of_what_was_there(bench, tmp_path, title):
    desk = bench()
    script, suffix = WITH_COPY[title]
    edit(desk, tmp_path, title, script)
    copy = desk.directory / f"{desk.path.name}{suffix}"
    desk.check_saved({"city": "Namur"}, left=[copy.name])
    assert copy.read_bytes() == desk.text
    copy.unlink()
    desk.check_saved({"city": "Namur"})


def test_a_longer_and_a_shorter_text(bench, tmp_path):
    desk = bench()
    long, short = "Llanfairpwllgwyngyll " * 10, "Y"
    succeeds(f'sed -i "s/Ghent/{long}/" "$FILE"', tmp_path, FILE=desk.path)
    desk.check_saved({"city": long})
    desk.tap.clear()
    succeeds(f'sed -i "s/{long}/{short}/" "$FILE"', tmp_path, FILE=desk.path)
    desk.check_saved({"city": short})
    desk.tap.clear()
    desk.path.write_bytes(replace(desk.path.read_bytes(), city=long))
    desk.check_saved({"city": long})


def test_one_edit_after_another(bench, tmp_path):
    """Each begins with what the server made of the one before."""
    desk = bench()
    tools = ['sed -i "s/{}/{}/" "$FILE"', 'perl -pi -e "s/{}/{}/" "$FILE"',
             'printf "%s\\n" "g/{}/s//{}/" w q | ed -s "$FILE"',
             'sed "s/{}/{}/" "$FILE" | sponge "$FILE"']
    need("ed", "sponge")
    before = "Ghent"
    for n in range(12):
        desk.tap.clear()
        succeeds(tools[n % len(tools)].format(before, f"Ghent {n}"), tmp_path, FILE=desk.path)
        desk.check_saved({"city": f"Ghent {n}"})
        before = f"Ghent {n}"


def test_two_programs_write_one_file(bench, tmp_path):
    """The first closes what isn't whole yet, and may say so; the second completes it."""
    desk = bench()
    shell('{ head -n 5 "$NEW"; tail -n +6 "$NEW"; } > "$FILE"', tmp_path,
          **prepare(desk, tmp_path))
    desk.check_saved({"city": "Namur"})


def test_an_old_copy_is_put_back_or_refused(bench, tmp_path):
    """Undoing by a copy: success without an effect would be a lie."""
    desk = bench()
    succeeds('cp "$FILE" keep; sed -i "s/Ghent/Namur/" "$FILE"', tmp_path, FILE=desk.path)
    desk.check_saved({"city": "Namur"})
    done = shell('cp keep "$FILE"', tmp_path, FILE=desk.path)
    if done.returncode == 0:
        assert desk.changed() == {}
        assert desk.shown()["city"] == "Ghent"
    else:
        assert desk.changed() == {"city": "Namur"}
        assert desk.rejected() == desk.text


def test_several_fields(bench, tmp_path):
    desk = bench()
    values = {"city": "Namur", "street": False, "color": 7, "ref": "né"}
    new = tmp_path / "new.json"
    new.write_bytes(desk.edited(**values))
    succeeds('cp "$NEW" "$FILE"', tmp_path, NEW=new, FILE=desk.path)
    desk.check_saved(values)


def test_several_files(desk, tmp_path, partners):
    """One program, many records: one write each, in any order."""
    numbers = partners.take(10)  # before the mount looks which there are
    desk = desk(number=numbers[0])
    files = " ".join(str(desk.directory / f"{n}.json") for n in numbers)
    succeeds(f'sed -i "s/Ghent/Namur/" {files}', tmp_path)
    assert sorted(desk.tap.changes()) == sorted(
        ("res.partner", "write", [n], {"city": "Namur"}) for n in numbers)
    assert {r["city"] for r in desk.rpc.read("res.partner", numbers, ["city"])} == {"Namur"}
    assert desk.others() == []


def test_append_isnt_json_any_more(bench, tmp_path):
    """bash doesn't look at what close says, so this is how one learns of it."""
    desk = bench()
    succeeds('echo "# a remark" >> "$FILE"', tmp_path, FILE=desk.path)
    desk.check_refused(desk.text + b"# a remark\n", f"line {desk.text.count(b'%c' % 10) + 1}")


def test_append_of_blanks_changes_nothing(bench, tmp_path):
    desk = bench()
    succeeds('echo >> "$FILE"', tmp_path, FILE=desk.path)
    desk.check_untouched()


def test_a_file_that_a_pipe_reads_and_truncates(bench, tmp_path):
    """`jq . f > f` loses a file elsewhere. Here the record stays."""
    need("jq")
    desk = bench()
    shell('jq ".city = \\"Namur\\"" "$FILE" > "$FILE"', tmp_path, FILE=desk.path)
    desk.check_untouched()


def check_replaced(desk) -> None:
    """The record is gone, and there is a new one like it under a number of its own."""
    changes = desk.tap.changes()
    assert changes[0] == ("res.partner", "unlink", [desk.number])
    assert [change[1] for change in changes] == ["unlink", "create"]
    assert desk.on_server() is None
    new = desk.rpc.ids("res.partner", [["ref", "=", desk.before["ref"]]])
    assert len(new) == 1 and new != [desk.number]
    assert desk.shown()["id"] == new[0]  # under the name that was written
    assert desk.shown()["city"] == "Namur"
    desk.rpc.call("res.partner", "unlink", new)


def test_mv_from_another_filesystem_is_rm_and_create(desk, tmp_path):
    """So says rename(2) to mv, which then unlinks and creates; nobody can tell it from rm."""
    desk = desk()
    names = prepare(desk, tmp_path)
    succeeds('mv "$NEW" "$FILE"', tmp_path, **names)
    check_replaced(desk)


@pytest.mark.parametrize("script", ['mv "$NEW" "$FILE"', 'rm -f "$FILE"',
                                    'cp --remove-destination "$NEW" "$FILE"',
                                    'install -m 644 "$NEW" "$FILE"'])
def test_delete_deny_refuses_what_begins_with_rm(desk, tmp_path, script):
    desk = desk(delete="deny")
    assert shell(script, tmp_path, **prepare(desk, tmp_path)).returncode != 0
    desk.check_untouched()


GIT = 'git() { command git -c user.name=me -c user.email=me@example.com "$@"; }\n'


def git(script: str, home, **names) -> None:
    """git fails over it."""
    need("git")
    assert shell(GIT + script, home, **names).returncode != 0


def test_git_init_is_refused(bench, tmp_path):
    desk = bench()
    git('git init -q "$DIR"', tmp_path, DIR=desk.directory)
    git('git init -q "$DIR/sub"', tmp_path, DIR=desk.directory)
    desk.check_untouched()
    assert not os.path.lexists(desk.directory / ".git")


def test_git_clone_is_refused(bench, tmp_path):
    """A repository of records isn't a directory of records."""
    desk = bench()
    names = prepare(desk, tmp_path)
    succeeds(GIT + 'git init -q repo; cp "$NEW" repo/; cd repo; git add .; git commit -qm new',
             tmp_path, **names)
    git('git clone -q repo "$DIR"', tmp_path, **names)
    git('git clone -q repo "$DIR/sub"', tmp_path, **names)
    git('git clone -q --bare repo "$DIR"', tmp_path, **names)
    desk.check_untouched()


def repository(desk, tmp_path) -> dict:
    """A repository that knows the record, and a patch that changes it."""
    need("git")
    names = prepare(desk, tmp_path)
    succeeds(GIT + 'git init -q repo; cd repo; cp "$FILE" .; git add .; git commit -qm old; '
             'cp "$NEW" .; git diff > ../change.diff; git commit -qam new', tmp_path, **names)
    return {**names, "PATCH": tmp_path / "change.diff", "REPO": tmp_path / "repo/.git"}


APPLY = 'cd "$DIR" && git apply "$PATCH"'
CHECKOUT = 'git --git-dir="$REPO" --work-tree="$DIR" checkout -q -f HEAD "$N.json"'


def test_git_apply_with_delete_deny(desk, tmp_path):
    """git removes a file before it writes it anew; where it can't, it renames over it."""
    desk = desk(delete="deny")
    succeeds(APPLY, tmp_path, **repository(desk, tmp_path))
    desk.check_saved({"city": "Namur"})


def test_git_checkout_with_delete_deny(desk, tmp_path):
    desk = desk(delete="deny")
    git(CHECKOUT, tmp_path, **repository(desk, tmp_path))
    desk.check_untouched()


@pytest.mark.parametrize("script", [APPLY, CHECKOUT], ids=["apply", "checkout"])
def test_git_is_rm_and_create(desk, tmp_path, script):
    """What git does first is what rm does."""
    desk = desk()
    succeeds(script, tmp_path, **repository(desk, tmp_path))
    check_replaced(desk)


def test_directories_and_links_are_refused(bench, tmp_path):
    desk = bench()
    for script in ('mkdir "$DIR/sub"', 'rmdir "$DIR"', 'ln "$FILE" "$DIR/link.json"',
                   'mkfifo "$DIR/pipe"', 'ln -s other "$DIR/new.json"',
                   'mv "$FILE" "$DIR/$((N + 1000000)).json"',
                   'mv "$FILE" "$DIR/../res.country/"'):
        done = shell(script, tmp_path, FILE=desk.path, DIR=desk.directory, N=desk.number)
        assert done.returncode != 0, script
    desk.check_untouched()
