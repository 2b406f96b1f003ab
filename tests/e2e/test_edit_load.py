# SPDX-License-Identifier: MIT
"""Many programs save at once: what was acknowledged is on the server, what was refused is beside
its record, and nothing is half."""

import json
import os
import pathlib
import re
import subprocess
import sys

HERE = str(pathlib.Path(__file__).parent)
PROCESSES, RECORDS = 16, 200
EDITS = {"fake": 1000, "real": 160}

# Each edit gives one field a value that no other edit gives. In place or by rename; a record that
# somebody else is just writing is read again until it is whole.
PROGRAM = """
import errno, json, os, random, re, sys
from harness.crowd import read_whole, write
directory, worker, edits, numbers = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
numbers = json.loads(numbers)
random.seed(int(worker))

for n in range(edits):
    number, field = random.choice(numbers), random.choice(["city", "street", "ref", "function"])
    value, path = f"{worker}-{n}", f"{directory}/{number}.json"
    text = re.sub(rf'(?m)^  "{field}": .*?(,?)$', rf'  "{field}": "{value}"\\1', read_whole(path)[0])
    heard = ""
    try:
        if random.random() < 0.5:
            write(path, text)
        else:
            scratch = f"{directory}/.new-{worker}"
            write(scratch, text)
            os.replace(scratch, path)
    except OSError as error:
        heard = errno.errorcode[error.errno]
        if os.path.exists(f"{directory}/.new-{worker}"):
            kept = open(f"{directory}/.new-{worker}").read()
            os.unlink(f"{directory}/.new-{worker}")
            heard += " kept" if kept == text else " lost"
    print(json.dumps([number, field, value, heard]), flush=True)
"""


def written_values(tap) -> dict:
    """What reached the server of each record's field, in its order."""
    values: dict = {}
    for model, method, ids, vals in tap.changes():
        assert (model, method, len(ids)) == ("res.partner", "write", 1)
        for field, value in vals.items():
            values.setdefault((ids[0], field), []).append(value)
    return values


def test_a_thousand_edits(desk, partners, rpc):
    numbers = partners.take(RECORDS)
    it = desk(number=numbers[0])
    edits = EDITS[it.tap.server.name[:4]] // PROCESSES
    programs = [subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(it.directory), str(worker), str(edits),
         json.dumps(numbers)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": HERE})
        for worker in range(1, PROCESSES + 1)]
    outputs = [program.communicate()[0] for program in programs]
    assert [program.returncode for program in programs] == [0] * PROCESSES
    told = [json.loads(line) for output in outputs for line in output.splitlines()]
    assert len(told) == edits * PROCESSES

    written = written_values(it.tap)
    kept = [path.read_text() for path in it.directory.iterdir()
            if re.search(r"\.rej(\.\d+)?$", path.name)]
    acknowledged, refused = 0, 0
    for number, field, value, heard in told:
        if heard:
            refused += 1
            assert heard in ("ESTALE", "ESTALE kept"), (number, field, value, heard)
            assert value not in written.get((number, field), [])
            assert "kept" in heard or any(f'"{value}"' in text for text in kept)
        else:
            acknowledged += 1
            assert value in written[number, field]
    # Every write was one of these edits, of one field, and each record has the last of each.
    assert sum(map(len, written.values())) == len(it.tap.changes()) == acknowledged
    for record in rpc.read("res.partner", numbers, ["city", "street", "ref", "function"]):
        for field in ("city", "street", "ref", "function"):
            values = written.get((record["id"], field))
            assert not values or record[field] == values[-1]
    # Most come through; the mount shows what the server has.
    assert acknowledged > len(told) // 2 and acknowledged + refused == len(told)
    shown = json.loads((it.directory / f"{numbers[-1]}.json").read_bytes())
    assert shown["city"] == rpc.read("res.partner", [numbers[-1]], ["city"])[0]["city"]
