# SPDX-License-Identifier: MIT
"""Over a line that resets, tears, stalls, delays and turns away at random, by a seed: who looks and
who saves hears nothing of it, and everything is as over a good one."""

import concurrent.futures
import hashlib
import os
import subprocess

import pytest

from harness.desk import replace, save
from harness.tap import Storm

MODELS = ["res.country", "res.currency", "res.lang", "res.partner.category"]
PARTNER = "res.partner"
VIEWS = [".filter/country_id.code/BE", ".by/is_company/true", ".order/name.desc/.first/20",
         ".name/azure", ".domain/[('city','!=',False)]/.last/9"]

pytestmark = [pytest.mark.any_door, pytest.mark.since(19)]


def content_of(directory):
    """Every file below it, by its path."""
    found = {}
    for place, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, directory)] = hashlib.sha1(file.read()).hexdigest()
    return found


@pytest.fixture
def stormy(tap, wired):
    """Mounts over a line that is bad from then on: stormy(seed)."""
    def make(seed, **options):
        tree = wired(timeout=60, **options)
        tap.storm = Storm(seed, 0.3)
        return tree
    yield make
    tap.storm = None


def test_what_is_read_is_the_same(stormy, tap, tree, fake):
    bad = stormy(1, models=":".join([*MODELS, PARTNER]))
    for model in MODELS:
        assert content_of(bad / model) == content_of(tree / model)
    for view in VIEWS:
        expected = sorted(os.listdir(tree / PARTNER / view))
        assert sorted(os.listdir(bad / PARTNER / view)) == expected
        assert bad.read(f"{PARTNER}/{view}/.info/count") == \
            tree.read(f"{PARTNER}/{view}/.info/count")
    for kind in ("csv", "jsonl"):
        path = f"{PARTNER}/.columns/name,country_id,write_date/.export/{kind}"
        assert bad.read(path) == tree.read(path)
    assert len(tap.storm.kinds) > 3  # it was bad


def test_grep_over_many(stormy, tap, tree, fake):
    """Batches that are fetched ahead are lost like others."""
    bad = stormy(3, models=PARTNER)
    looks = [subprocess.run(["grep", "-rc", '"city"', each / PARTNER], capture_output=True,
                            text=True, check=True).stdout.replace(str(each.path), "")
             for each in (bad, tree)]
    assert sorted(looks[0].splitlines()) == sorted(looks[1].splitlines())
    assert sum(tap.storm.kinds.values()) > 0


def test_what_is_saved_is_written(stormy, tap, fake, partners, rpc):
    """All that is acknowledged is there, each once or again with the same values."""
    seed, numbers = 4, partners.take(16)
    bad = stormy(seed)

    def edit(number):
        path = bad.record(PARTNER, number)
        return [save(path, replace(path.read_bytes(), city=f"{seed}-{number}-{n}"))
                for n in range(3)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        heard = dict(zip(numbers, pool.map(edit, numbers)))
    assert all(each == [""] * 3 for each in heard.values()), heard
    for row in rpc.read(PARTNER, numbers, ["city"]):
        assert row["city"] == f"{seed}-{row['id']}-2"
    for model, method, ids, values in (each for each in tap.changes() if each[1] == "write"):
        assert (model, list(values)) == (PARTNER, ["city"])
        assert values["city"].startswith(f"{seed}-{ids[0]}-")
