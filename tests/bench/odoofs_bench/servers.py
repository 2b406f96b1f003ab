# SPDX-License-Identifier: MIT
"""The databases that are measured: real servers', and the demo server's."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

from .rpc import Server

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
REAL = os.path.join(TOP, "tests", "real", "odoo-server")
DEMO = os.path.join(TOP, "contrib", "demo", "odoo-demo-server")
BIG, SMALL, NIGHTS, FILES = "odoofs_big", "odoofs_10k", "odoofs_nights", "odoofs_files"
SMALL_RECORDS, NIGHTS_RECORDS = 10000, 100000
IMAGES, LARGE, LARGE_NUMBER, LARGE_BYTES = 1000, "Bench large ", 100, 20_000_000
WORKERS = 2
MODEL = "res.partner"


def _real(*args: str, **kwargs: object) -> str:
    done = subprocess.run([REAL, *args], stdout=subprocess.PIPE, text=True, check=False, **kwargs)
    if done.returncode == 77:
        raise SystemExit(done.stdout.strip())
    if done.returncode:
        raise RuntimeError(f"{REAL} {' '.join(args)}: exit status {done.returncode}")
    return done.stdout


def _psql(version: str, database: str, command: str, **kwargs: object) -> str:
    return _real("psql", version, database, "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                 "-c", command, **kwargs)


def shell(version: str, database: str, script: str) -> str:
    """What a script prints that runs within Odoo."""
    return _real("shell", version, database, input=script)


def _is_made(version: str, database: str, records: int) -> bool:
    found = _psql(version, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'")
    return bool(found.strip()) and records == int(
        _psql(version, database, "SELECT count(*) FROM res_partner"))


def _make(version: str, database: str, records: int) -> None:
    """Fill a fresh database with the newest partners of the big one, up to so many in all."""
    _real("reset", version, database)
    have = int(_psql(version, database, "SELECT count(*) FROM res_partner"))
    columns = _psql(version, database, "SELECT string_agg(quote_ident(column_name), ', ') FROM "
                    "information_schema.columns WHERE table_name = 'res_partner'").strip()
    # Two commands at once would wait for each other's lock, so the rows go by way of a file.
    with tempfile.TemporaryFile() as rows:
        _copy(version, BIG, f"COPY (SELECT {columns} FROM res_partner ORDER BY id DESC "
              f"LIMIT {records - have}) TO STDOUT", stdout=rows)
        rows.seek(0)
        _copy(version, database, f"COPY res_partner ({columns}) FROM STDIN", stdin=rows)
    _psql(version, database, "SELECT setval('res_partner_id_seq', max(id)) FROM res_partner; "
          "ANALYZE res_partner")


def _copy(version: str, database: str, command: str, **kwargs: object) -> None:
    subprocess.run([REAL, "psql", version, database, "-q", "-v", "ON_ERROR_STOP=1", "-c",
                    command], check=True, **kwargs)


def _ready(url: str, database: str) -> Server:
    """Log in, and let every worker load the database's registry and the model."""
    server = Server(url, database, "admin", "admin")
    server.authenticate()
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(4):
            list(pool.map(lambda _: server.execute(MODEL, "search_read", [["id", "=", 1]]),
                          range(WORKERS)))
    return server


def real(version: str, url: str | None) -> tuple[Server, Server]:
    """The real server with 10,000 partners, and with 100,000; another of its databases' at `url`."""
    lines = dict(line.partition("=")[::2] for line in _real("start", version).splitlines())
    url = url or lines["URL"]
    _real("partners", version)
    big = _ready(url, BIG)
    if not _is_made(version, SMALL, SMALL_RECORDS):
        _make(version, SMALL, SMALL_RECORDS)
    return _ready(url, SMALL), big


def nights(version: str, url: str) -> Server:
    """A database of 100,000 partners that may be changed, made anew unless it has as many."""
    if not _is_made(version, NIGHTS, NIGHTS_RECORDS):
        _make(version, NIGHTS, NIGHTS_RECORDS)
    return _ready(url, NIGHTS)


# Noise, which no format makes smaller: 40 × 40 are about 5 KB. The large ones are the same bytes,
# of which Odoo keeps one file.
FILL = f"""
import base64, io, os
from PIL import Image
def picture():
    data = io.BytesIO()
    Image.frombytes("RGB", (40, 40), os.urandom(4800)).save(data, "PNG")
    return base64.b64encode(data.getvalue())
partners = env["res.partner"].search([], order="id desc", limit={IMAGES * 5})[::5]
for partner in partners: # not by the partner: the smaller ones that Odoo makes take their time
    env["ir.attachment"].create({{"name": "image_1920", "res_model": "res.partner",
        "res_field": "image_1920", "res_id": partner.id, "datas": picture()}})
env.cr.commit()
large = base64.b64encode(os.urandom({LARGE_BYTES}))
for number in range({LARGE_NUMBER}):
    env["ir.attachment"].create({{"name": "{LARGE}%d" % number, "datas": large}})
    env.cr.commit()
print("FILLED", len(partners))
"""


def files(version: str, url: str) -> Server:
    """10,000 partners, some with images, and large attachments; made once."""
    made = _is_made(version, FILES, SMALL_RECORDS) and _psql(
        version, FILES, f"SELECT count(*) FROM ir_attachment WHERE name LIKE '{LARGE}%'")
    if not made or int(made) != LARGE_NUMBER:
        _make(version, FILES, SMALL_RECORDS)
        if f"FILLED {IMAGES}" not in shell(version, FILES, FILL):
            raise RuntimeError(f"{FILES} can't be filled")
    return _ready(url, FILES)


@contextlib.contextmanager
def demo(partners: int, kept: str) -> Iterator[Server]:
    """A demo server with so many partners; its database is kept in a file for the next time."""
    with tempfile.TemporaryDirectory(prefix="odoofs-bench-") as ready_dir:
        ready = os.path.join(ready_dir, "ready")
        process = subprocess.Popen(
            [DEMO, "--port", "0", "--partners", str(partners), "--db", kept, "--ready-file",
             ready], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not os.path.exists(ready):
                if process.poll() is not None:
                    raise RuntimeError(f"{DEMO} doesn't start")
                time.sleep(0.1)
            with open(ready, encoding="utf-8") as file:
                _, url, _, database = file.read().split()
            server = Server(url, database, "admin", "admin")
            server.authenticate()
            yield server
        finally:
            process.terminate()
            process.wait()
