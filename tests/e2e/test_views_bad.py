# SPDX-License-Identifier: MIT
"""Views that can't be: the errno, and a sentence that names what is wrong."""

from __future__ import annotations

import errno
import os

import pytest

from harness.views import failure, ids

PARTNER = "res.partner"

# Refused by their words alone, or by the model's fields: errno, what is said.
REFUSED = [
    # Unknown fields and operators
    (".filter/nosuch/1", errno.ENOENT, 'res.partner has no field "nosuch"'),
    (".filter/citty/Gent", errno.ENOENT, 'the nearest is "city"'),
    (".filter/country_id.nosuch/1", errno.ENOENT, 'res.country has no field "nosuch"'),
    (".filter/name.code/1", errno.ENOENT, '"name" of res.partner isn\'t a relation'),
    (".filter/a b/1", errno.ENOENT, "isn't the name of a field"),
    (".filter/color/.almost/1", errno.ENOENT, 'there is no ".almost" in color'),
    (".filter/color/.ilike/1", errno.EINVAL, '"ilike" doesn\'t apply'),
    (".by/nosuch", errno.ENOENT, "nosuch"),
    (".by/country_id.code", errno.ENOENT, ".by takes a field of this model"),
    (".order/nosuch", errno.ENOENT, "nosuch"),
    (".order/name.up", errno.ENOENT, "isn't the name of a field"),
    (".columns/name,nosuch", errno.ENOENT, "nosuch"),
    (".fliter", errno.ENOENT, 'the nearest is ".filter"'),
    (".info/fields", errno.ENOENT, 'the nearest is "fields.json"'),
    (".export/xml", errno.ENOENT, 'there is no "xml" in .export'),
    # Values of the wrong type
    (".filter/color/blue", errno.EINVAL, "color"),
    (".filter/color/1.5", errno.EINVAL, "color"),
    (".filter/active/perhaps", errno.EINVAL, "active"),
    (".filter/type/nosuch", errno.EINVAL, "type"),
    (".filter/create_date/2026-02-30", errno.EINVAL, "create_date"),
    (".filter/create_date/soon", errno.EINVAL, "create_date"),
    (".filter/id/.in/1,,2", errno.EINVAL, "id"),
    # How many
    (".first/-1", errno.EINVAL, '"-1" isn\'t how many'),
    (".first/0", errno.EINVAL, "a whole number from 1"),
    (".first/99999999999", errno.EINVAL, '"99999999999" isn\'t how many'),
    (".last/1e3", errno.EINVAL, "isn't how many"),
    (".offset/-5", errno.EINVAL, "a whole number from 0"),
    (".sample/many", errno.EINVAL, "isn't how many"),
    # Percent-encoding and bytes
    (".filter/name/%zz", errno.EINVAL, '"%" without two hexadecimal digits'),
    (".filter/name/100%", errno.EINVAL, "%"),
    (".filter/name/%ff", errno.EINVAL, "UTF-8"),
    (".filter/name/a%00b", errno.EINVAL, "NUL"),
    # Domains
    (".domain/nonsense", errno.EINVAL, "byte 1"),
    (".domain/[('name','=',", errno.EINVAL, "byte"),
    (".domain/[('name','=')]", errno.EINVAL, "element 1 of the domain"),
    (".domain/[('name','nearly','x')]", errno.EINVAL, "nearly"),
    (".domain/['&',('name','=','x')]", errno.EINVAL, "&"),
    (".domain/[('name','=',__import__('os'))]", errno.EINVAL, "byte"),
    # What has no meaning
    (".first/3/.filter/is_company/true", errno.ENOENT, ".filter stands before .first"),
    (".first/3/.order/name", errno.ENOENT, ".order stands before .first"),
    (".order/name/.order/id", errno.ENOENT, ".order can be there once"),
    (".name/a/.name/b", errno.ENOENT, ".name can be there once"),
    (".columns/name/.columns/city", errno.ENOENT, ".columns can be there once"),
    (".filter/id/1/.call", errno.ENOENT, ".call is in the model's own directory"),
]


@pytest.mark.parametrize("path, number, words", REFUSED,
                         ids=[row[0] for row in REFUSED])
def test_it_is_refused_with_a_sentence(tree, path, number, words):
    whole = tree / PARTNER / path
    before = tree.stats()
    assert failure(whole, os.listdir) == number
    last = tree.errors()[-1]
    assert words in last["message"], last
    assert last["errno"] == errno.errorcode[number]
    assert last["path"].startswith(PARTNER)
    asked = {name: n - before["calls_by_method"].get(name, 0)
             for name, n in tree.stats()["calls_by_method"].items()}
    assert not any(n for name, n in asked.items()
                   if name.startswith(PARTNER) and not name.endswith("fields_get"))


def test_invalid_utf8(tree):
    path = os.fsencode(tree / PARTNER / ".filter/name") + b"/\xff\xfe"
    assert failure(path) == errno.EINVAL
    assert "UTF-8" in tree.errors()[-1]["message"]
    assert failure(os.fsencode(tree / PARTNER) + b"/.domain/[('name','=','\xc3')]") == errno.EINVAL


def test_dots_in_values_stay_in_the_value(tree, rpc):
    """".." is a directory's, encoded it is text."""
    assert ids(tree / PARTNER / ".filter/name/%2E%2E") == []
    assert ids(tree / PARTNER / ".filter/name/%2Ehidden") == []
    assert failure(tree / PARTNER / ".filter/name/.hidden") == errno.ENOENT
    assert os.path.samefile(tree / PARTNER / ".filter/name/..", tree / PARTNER / ".filter")


def test_a_domain_that_is_too_long_for_a_name(tree):
    assert failure(tree / PARTNER / ".domain" / ("[" + "('id','=',1)," * 6000 + "]")) \
        == errno.ENAMETOOLONG  # the kernel's: a name has 255 bytes, a path 4,096


def test_deep_nesting(tree):
    assert failure(tree / PARTNER / ".domain" / ("[" * 120 + "]" * 120)) == errno.EINVAL
    assert "deep" in tree.errors()[-1]["message"]
    assert failure(tree / PARTNER / ".domain" / ("(" * 250)) == errno.EINVAL


def test_a_chain_without_end(tree):
    os.chdir(tree / PARTNER)
    try:
        for _ in range(85):
            os.chdir(".filter/id/1")
        with pytest.raises(OSError) as caught:
            os.chdir(".filter/id/1")
    finally:
        os.chdir("/")
    assert caught.value.errno == errno.EINVAL
    assert "the path is too long: 256" in tree.errors()[-1]["message"]


@pytest.mark.parametrize("path", [
    ".domain/[('nosuch','=',1)]",
    ".domain/[('parent_id.nosuch','=','x')]",
])
def test_a_domain_that_the_server_refuses(tree, path):
    view = tree / PARTNER / path
    assert failure(view) == 0  # nobody asked the server yet
    assert failure(view, os.listdir) == errno.EINVAL
    last = tree.errors()[-1]
    assert last["errno"] == "EINVAL"
    assert "nosuch" in last["message"], last
    for file in (".export/csv", ".info/count"):
        assert failure(view / file, lambda path: open(path, "rb").read()) == errno.EINVAL
    assert ids(tree / PARTNER / ".first/1") != []  # and nothing else is the worse for it


def test_a_model_that_may_not_be_read(mount, rpc):
    tree = mount("demo", models="ir.config_parameter:res.country")
    # Where rights can't be asked for, the server says it when it is asked for records.
    assert failure(tree / "ir.config_parameter/.filter/key/x", os.listdir) in (
        errno.ENOENT, errno.EACCES)
    assert ids(tree / "res.country/.filter/code/BE") == rpc.ids("res.country", [["code", "=", "BE"]])


def test_views_can_t_be_written(tree):
    view = tree / PARTNER / ".first/3"
    for act, number in (
            (lambda: os.mkdir(tree / PARTNER / ".filter/new"), errno.EPERM),
            (lambda: os.mkdir(view / "new"), errno.EPERM),
            (lambda: os.rmdir(view), errno.EPERM),
            (lambda: open(view / ".export/csv", "w"), errno.EACCES),
            (lambda: open(tree / PARTNER / ".info/count", "w"), errno.EACCES),
            (lambda: os.unlink(tree / PARTNER / ".info/count"), errno.EPERM),
            (lambda: open(tree / PARTNER / ".info/new", "w"), errno.EPERM)):
        with pytest.raises(OSError) as caught:
            act()
        assert caught.value.errno == number


def test_a_read_only_mount_tells_too(mount):
    """The kernel opens directories by itself there, and to readers ENOENT would be the end."""
    tree = mount(ro=True)
    assert failure(tree / PARTNER / ".filter/nosuch/1", os.listdir) == errno.EINVAL
    assert 'res.partner has no field "nosuch"' in tree.errors()[-1]["message"]
    assert failure(tree / PARTNER / ".filter/nosuch/2") == errno.ENOENT  # by then it is known
