# SPDX-License-Identifier: MIT
"""What each account sees and may do: administrator, ordinary user, portal user; and other uids."""

import errno
import fnmatch
import json
import os
import stat
import subprocess
import sys

import pytest

from harness.expect import without_binaries
from harness.mount import MountFailed, retry
from harness.rpc import Fault

PARTNER = "res.partner"
NOBODY = 65534
LOGINS = ("admin", "demo", "portal")
NAMED = "res.partner:res.country:res.currency:res.lang:sale.order:res.users"


def may(rpc, model, operation):
    """Whether the account may, by the question that the server's version has for it."""
    try:
        return bool(rpc.call(model, "has_access", [], operation))
    except Fault as fault:
        if fault.name == "odoo.exceptions.AccessError" and "Private" not in fault.message:
            return False
    try:
        return bool(rpc.call(model, "check_access_rights", operation, False))
    except Fault as fault:
        return fault.name != "odoo.exceptions.AccessError"


def concrete_models(rpc):
    """All that has records of its own, as an administrator sees it."""
    flags = ["transient"]
    if rpc.call("ir.model", "fields_get", ["abstract"], []):
        flags.append("abstract")
    rows = rpc.call("ir.model", "search_read", [], ["model", *flags])
    return {row["model"] for row in rows if not any(row[flag] for flag in flags)}


@pytest.fixture
def as_login(server):
    """The server as one of the accounts sees it, beside the mount."""
    return server.rpc


# Which models

@pytest.mark.parametrize("login", ["admin", "demo"])
def test_the_models_are_those_that_the_account_may_read(mount, rpc, as_login, login):
    mine = as_login(login)
    listed = mount(login).models()
    assert len(listed) == len(set(listed))
    assert set(listed) == {m for m in concrete_models(rpc) if may(mine, m, "read")}


def test_an_ordinary_user_sees_fewer_models(mount):
    every, some = (set(mount(login).models()) for login in ("admin", "demo"))
    assert some < every
    assert PARTNER in some
    assert "ir.config_parameter" in every - some


def test_what_may_not_be_read_is_not_there(mount):
    tree = mount("demo")
    for path in ("ir.config_parameter", "ir.config_parameter/1.json"):
        with pytest.raises(FileNotFoundError):
            os.stat(tree / path)


def test_a_portal_user_has_to_name_models(mount):
    tree = mount("portal")
    with pytest.raises(OSError) as failure:
        tree.models()
    assert failure.value.errno == errno.EACCES
    assert "name those to show with -o models=" in tree.errors()[-1]["message"]


def test_a_portal_user_sees_what_is_named(mount, as_login):
    mine = as_login("portal")
    tree = mount("portal", models=NAMED)
    listed = set(tree.models())
    assert listed <= set(NAMED.split(":"))
    assert {m for m in NAMED.split(":") if may(mine, m, "read")} <= listed
    assert tree.ids(PARTNER) == mine.ids(PARTNER)
    assert len(tree.ids(PARTNER)) < 100
    for number in tree.ids(PARTNER):
        assert tree.json(f"{PARTNER}/{number}.json")["id"] == number
    for number in mine.ids("sale.order")[:3]:
        shown = tree.json(f"sale.order/{number}.json")
        assert shown["name"] == mine.read("sale.order", [number], ["name"])[0]["name"]


def test_what_a_portal_user_names_and_may_not_read(mount, as_login):
    assert not may(as_login("portal"), "ir.config_parameter", "read")
    tree = mount("portal", models=f"{PARTNER}:ir.config_parameter")
    with pytest.raises(OSError) as failure:
        os.listdir(tree / "ir.config_parameter")
    assert failure.value.errno in (errno.EACCES, errno.ENOENT)
    assert any("ir.config_parameter" in json.dumps(entry) for entry in tree.errors())
    assert tree.ids(PARTNER)


@pytest.mark.parametrize("login", ["admin", "demo"])
def test_globs_narrow_the_tree(mount, login):
    every = mount(login).models()
    for globs in ("res.*", "*.order:res.lang", "res.co?ntry", "[rs]*.partner*", "nothing.*"):
        wanted = {m for m in every if any(fnmatch.fnmatchcase(m, g) for g in globs.split(":"))}
        tree = mount(login, models=globs)
        assert set(tree.models()) == wanted
        for model in set(every) - wanted:
            assert not (tree / model).exists()


# Which records

@pytest.mark.parametrize("archived", ["yes", "no"])
def test_archived(mount, rpc, archived):
    tree = mount(archived=archived)
    shown = tree.ids(PARTNER)
    assert shown == rpc.ids(PARTNER, [] if archived == "yes" else [["active", "=", True]])
    assert bool(set(rpc.ids(PARTNER, [["active", "=", False]])) & set(shown)) == (
        archived == "yes")


@pytest.mark.parametrize("login, options", [("demo", {}), ("portal", {"models": NAMED})])
def test_record_rules_hide_records(mount, rpc, as_login, login, options):
    """From the listing, and from whoever knows the number."""
    mine = as_login(login)
    tree = mount(login, **options)
    hidden = 0
    for model in tree.models():
        try:
            there, all_ids = mine.ids(model), rpc.ids(model)
        except Fault:
            continue
        missing = sorted(set(all_ids) - set(there))
        if not missing or len(all_ids) > 5000:
            continue
        if tree.ids(model) != there:
            assert tree.ids(model) == mine.ids(model, [["id", ">", 0]]), model
            continue
        for number in missing[:3]:
            with pytest.raises(FileNotFoundError):
                tree.record(model, number).read_bytes()
            with pytest.raises(FileNotFoundError):
                os.stat(tree.record(model, number))
            hidden += 1
    assert hidden or login == "demo"


def test_a_record_rule_hides_one_before_the_listing_is_known(mount, rpc, as_login):
    mine = as_login("portal")
    hidden = sorted(set(rpc.ids(PARTNER)) - set(mine.ids(PARTNER)))[:5]
    assert hidden
    tree = mount("portal", models=PARTNER)
    for number in hidden:
        with pytest.raises(FileNotFoundError):
            tree.record(PARTNER, number).read_bytes()
    seen = mine.ids(PARTNER)[0]
    assert tree.json(f"{PARTNER}/{seen}.json")["id"] == seen


def test_a_forbidden_record_spares_its_neighbours(mount, fake, rpc):
    ids = rpc.ids(PARTNER)
    fake.control(forbid_record={"model": PARTNER, "ids": ids[10:13]})
    tree = mount()
    assert tree.ids(PARTNER) == ids[:10] + ids[13:]
    subprocess.run(["grep", "-rc", "name", "."], cwd=tree / PARTNER, check=True,
                   stdout=subprocess.DEVNULL)
    for number in ids[10:13]:
        with pytest.raises(FileNotFoundError):
            os.stat(tree.record(PARTNER, number))


# Companies and languages

def test_company_narrows(mount, rpc, as_login, colleague):
    mine = as_login("demo")
    own = mine.call("res.users", "read", [mine.uid], ["company_id"])[0]["company_id"][0]
    tree = mount("demo", company=own)
    wanted = mine.call(PARTNER, "search", [], order="id",
                       context={"allowed_company_ids": [own]})
    assert tree.ids(PARTNER) == wanted
    assert str(own) in json.dumps(tree.status()["options"])


def test_a_company_that_is_not_the_users(mount, server):
    """Refused, by the server's own words: at the start, or where it is read."""
    try:
        tree = mount("demo", company=99999)
    except MountFailed as refused:
        assert refused.status == 1 and "ompan" in refused.words
        return
    with pytest.raises(OSError):
        tree.record(PARTNER, tree.ids(PARTNER)[0]).read_bytes()
    assert any("ompan" in entry["message"] for entry in tree.errors())


@pytest.mark.parametrize("lang", ["xx_XX", "nonsense"])
def test_an_unknown_language_is_refused_at_the_start(mount, lang):
    with pytest.raises(MountFailed) as refused:
        mount(lang=lang)
    assert refused.value.status == 1
    assert lang in refused.value.words
    assert len(refused.value.words.splitlines()) == 1


def test_a_language_of_the_server_is_taken(mount, rpc):
    code = rpc.call("res.lang", "search_read", [["active", "=", True]], ["code"])[0]["code"]
    tree = mount(lang=code)
    assert tree.status()["options"]["lang"] == code
    assert tree.ids("res.lang")


# Which fields

def test_fields_that_the_account_may_not_read_are_left_out(mount, rpc, as_login):
    """x2many fields whose other model is closed to the account, and fields of other groups."""
    mine, found = as_login("demo"), 0
    tree = mount("demo")
    for model in (PARTNER, "res.users", "res.company", "sale.order", "res.country"):
        described = mine.call(model, "fields_get", [], ["type", "store", "relation"])
        every = rpc.call(model, "fields_get", [], ["type", "store", "relation"])
        closed = {name for name, field in described.items() if field.get("store")
                  and field["type"] in ("one2many", "many2many")
                  and not may(mine, field["relation"], "read")}
        hidden = {name for name, field in every.items() if field.get("store")} - set(described)
        number = mine.ids(model, limit=1)[0]
        shown = tree.json(f"{model}/{number}.json")
        assert not set(shown) & (closed | hidden)
        expected = {name for name, field in described.items()
                    if field.get("store") and field["type"] != "binary"} - closed | {"id"}
        for name in expected - set(shown):
            with pytest.raises(Fault):
                mine.read(model, [number], [name])
        assert set(without_binaries(mine, model, shown)) <= expected
        found += len(closed | hidden)
    assert found


def test_a_field_that_is_refused_is_left_out_and_named(mount, fake, as_login):
    mine = as_login("demo")
    fake.control(forbid_field={"model": PARTNER, "field": "email", "uid": mine.uid})
    tree = mount("demo")
    numbers = mine.ids(PARTNER)[:20]
    for number in numbers:
        shown = tree.json(f"{PARTNER}/{number}.json")
        assert "email" not in shown and shown["name"]
    named = [entry for entry in tree.errors() if "email" in json.dumps(entry)]
    assert named and named[0]["path"].startswith(PARTNER)
    assert "email" in mount("admin").json(f"{PARTNER}/{numbers[0]}.json")


# Modes

def expected_modes(rpc, model):
    """Of the directory and of a record."""
    create = may(rpc, model, "create") or may(rpc, model, "unlink")
    return 0o700 if create else 0o500, 0o600 if may(rpc, model, "write") else 0o400


@pytest.mark.parametrize("login", LOGINS)
def test_modes_are_what_the_account_may_do(mount, as_login, login):
    mine = as_login(login)
    tree = mount(login, models=NAMED)
    seen = set()
    for model in sorted(tree.models()):
        ids = tree.ids(model)
        if not ids:
            continue
        tree.record(model, ids[0]).read_bytes()
        directory, record = expected_modes(mine, model)

        def modes():
            return (stat.S_IMODE(os.stat(tree / model).st_mode),
                    stat.S_IMODE(tree.record(model, ids[0]).stat().st_mode))
        # For some accounts a model's rights are asked for when it is first used.
        assert retry(lambda: modes() == (directory, record), 3), (model, modes())
        seen |= {directory, record}
    assert {0o600, 0o700} <= seen if login == "admin" else {0o400, 0o500} <= seen


# Other users of the machine

LOOK = """
import os, sys
for path in sys.argv[1:]:
    try:
        print("d" if os.path.isdir(path) and os.listdir(path) else len(open(path).read()))
    except OSError as failure:
        print(failure.errno)
"""


def look_as(uid, *paths):
    """What a child with that uid gets: a length, d for a directory, or an errno."""
    done = subprocess.run([sys.executable, "-c", LOOK, *map(str, paths)], capture_output=True,
                          text=True, user=uid, group=uid, extra_groups=[], check=True)
    return done.stdout.split()


@pytest.fixture
def entered(mount, rpc):
    """A mount whose place others can get to, with a directory and a record of it."""
    number = rpc.ids(PARTNER, limit=1)[0]

    def make(**options):
        tree = mount(**options)
        tree.directory.chmod(0o755)
        return tree, (tree.path, tree / PARTNER, tree.record(PARTNER, number))
    return make


def test_another_user_cannot_enter(entered):
    tree, paths = entered()
    assert tree.record(PARTNER, int(paths[2].stem)).read_bytes()
    assert look_as(NOBODY, *paths) == [str(errno.EACCES)] * 3


def test_permissions_hold_with_allow_other(entered):
    _, paths = entered(allow_other=True)
    assert look_as(NOBODY, *paths) == [str(errno.EACCES)] * 3


def test_others_read_with_allow_other_and_umask(entered):
    tree, paths = entered(allow_other=True, umask="022")
    size = len(paths[2].read_text())
    assert look_as(NOBODY, *paths) == ["d", "d", str(size)]
    denied = subprocess.run([sys.executable, "-c", "import sys; open(sys.argv[1], 'r+')",
                             str(paths[2])], user=NOBODY, group=NOBODY, extra_groups=[],
                            capture_output=True, text=True)
    assert "PermissionError" in denied.stderr
    assert "allow_other" in tree.log()  # it is said that the account is shared


def test_the_owner_may_be_another(entered):
    _, paths = entered(allow_other=True, uid=NOBODY, gid=NOBODY)
    assert look_as(NOBODY, *paths)[:2] == ["d", "d"]
    assert look_as(NOBODY - 1, *paths) == [str(errno.EACCES)] * 3


STAT = """
import os, sys
for path in sys.argv[1:]:
    found = os.stat(path)
    print(oct(found.st_mode), found.st_uid, found.st_gid)
"""

# Each is tried by itself: number, place.
CHANGE = """
import errno, os, sys
record, model, odoofs = sys.argv[1:]
def write(path):
    with open(path, "w") as file:
        file.write("{}")
for change in (lambda: write(record), lambda: os.truncate(record, 0), lambda: os.unlink(record),
               lambda: os.rename(record, model + "/x"), lambda: write(model + "/new.json"),
               lambda: os.symlink("x", model + "/.#x"), lambda: os.chmod(record, 0o777),
               lambda: os.chown(record, os.getuid(), -1), lambda: os.utime(record),
               lambda: write(model + "/.call/unlink"), lambda: write(odoofs + "/refresh")):
    try:
        change()
        print("done")
    except OSError as failure:
        print(errno.errorcode[failure.errno])
"""


def as_nobody(script, *paths):
    return subprocess.run([sys.executable, "-c", script, *map(str, paths)], capture_output=True,
                          text=True, user=NOBODY, group=NOBODY, extra_groups=[],
                          check=True).stdout.splitlines()


@pytest.mark.parametrize("options, permissions", [
    ({"umask": "022"}, [0o555, 0o755, 0o644]),
    ({"umask": "007", "gid": NOBODY}, [0o550, 0o770, 0o660])])
def test_others_see_the_modes_that_hold(entered, options, permissions):
    tree, paths = entered(allow_other=True, **options)
    kinds = [stat.S_IFDIR, stat.S_IFDIR, stat.S_IFREG]
    gid = options.get("gid", os.getgid())
    assert as_nobody(STAT, *paths) == [
        f"{oct(kind | mode)} {os.getuid()} {gid}" for kind, mode in zip(kinds, permissions)]


def test_others_who_may_read_change_nothing(entered, rpc):
    """The kernel refuses all of it, before any of it is a call."""
    tree, (_, model, record) = entered(allow_other=True, umask="022", ttl=3600)
    before = record.read_bytes()
    with tree.counting() as calls:
        heard = as_nobody(CHANGE, record, model, tree / ".odoofs")
    assert set(heard) <= {"EACCES", "EPERM"} and len(heard) == 11, heard
    assert not calls
    assert record.read_bytes() == before
