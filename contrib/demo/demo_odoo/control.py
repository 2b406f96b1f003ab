# SPDX-License-Identifier: MIT
"""POST /_control: what tests tell the server. Not counted, and never held up by workers."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any

from . import control_doors
from .db import create_model
from .faults import Fault
from .fields import char
from .httpd import Request, Response
from .models import Model
from .orm import Env, timestamp

if TYPE_CHECKING:
    from .server import Server


def handle(server: "Server", request: Request) -> Response:
    """Each key of the object is one command; they run in the order they are given."""
    try:
        commands = json.loads(request.body)
        answer: dict[str, Any] = {}
        for name, value in commands.items():
            command = COMMANDS.get(name)
            if command is None:
                raise ValueError(f"unknown command {name!r}")
            answer[name] = command(server, value)
        if len(answer) == 1 and isinstance(next(iter(answer.values())), dict):
            answer = next(iter(answer.values()))
    except Fault as fault:
        return Response(400, json.dumps({"error": fault.data(19)}).encode(), "application/json")
    except Exception as error:
        answer = {"error": {"message": f"{type(error).__name__}: {error}",
                            "debug": traceback.format_exc()}}
        return Response(400, json.dumps(answer).encode(), "application/json")
    return Response(200, json.dumps(answer).encode(), "application/json")


def reset(server: "Server", value: Any) -> bool:
    """Faults, trouble and counters gone; the data stays."""
    server.injector.reset()
    server.reset_counters()
    server.odoo.trouble.reset()
    server.odoo.auth.reset()
    return True


def reset_counts(server: "Server", value: Any) -> bool:
    server.injector.reset_counts()
    server.reset_counters()
    return True


def counts(server: "Server", value: Any) -> dict:
    injector = server.injector
    with injector.lock:
        return {"calls": injector.calls, "by_method": dict(injector.by_method),
                "by_transport": dict(injector.by_transport), "refused": server.odoo.auth.refused,
                "log": list(injector.log), "bytes_out": server.bytes_out,
                "requests": server.requests, "connections": server.accepted,
                "max_concurrent": server.max_concurrent,
                "max_connections": server.max_connections,
                "faults": [{**r.spec, "matched": r.matched, "struck": r.struck}
                           for r in injector.rules]}


def fault(server: "Server", value: Any) -> bool:
    for spec in value if isinstance(value, list) else [value]:
        server.injector.add(spec)
    return True


def clear_faults(server: "Server", value: Any) -> bool:
    with server.injector.lock:
        server.injector.rules.clear()
    return True


def forbid_record(server: "Server", value: dict) -> bool:
    numbers = value.get("ids") or [value["id"]]
    for number in numbers:
        server.odoo.trouble.forbid_record(value["model"], number, value.get("uid"))
    return True


def forbid_field(server: "Server", value: dict) -> bool:
    server.odoo.trouble.fields[value["model"], value["field"]] = value.get("uid")
    return True


def broken_field(server: "Server", value: dict) -> bool:
    server.odoo.trouble.broken_fields[value["model"], value["field"]] = value
    return True


def broken_model(server: "Server", value: dict) -> bool:
    server.odoo.trouble.broken_models[value["model"]] = value
    return True


def lose_record(server: "Server", value: dict) -> bool:
    """Gone for read, yet search still gives its id: deleted between the two."""
    lost = server.odoo.trouble.lost.setdefault(value["model"], set())
    lost.update(value.get("ids") or [value["id"]])
    return True


def extra_models(server: "Server", value: list) -> list[int]:
    """Rows of ir.model as they are given: {"model": …, "name": …}, or just the model.

    "model_hex" is a name that need not be UTF-8. With "rows", the model can be searched and
    read, and has so many records; otherwise it is only listed.
    """
    with server.odoo.lock:
        numbers = [_extra_model(server, item if isinstance(item, dict) else {"model": item})
                   for item in value]
        server.odoo.access.forget()
    return numbers


def _extra_model(server: "Server", row: dict) -> int:
    odoo = server.odoo
    name = bytes.fromhex(row["model_hex"]) if "model_hex" in row else row.get("model", "")
    columns = {"model": name, "name": row.get("name", "Hostile"), "state": "base",
               "transient": int(row.get("transient", False)), "order": "id"}
    if odoo.version >= 17:
        columns["abstract"] = int(row.get("abstract", False))
    if "id" in row:
        columns["id"] = row["id"]
    names = ", ".join(f'"{n}"' for n in columns)
    number = odoo.db.execute(
        f"INSERT INTO ir_model ({names}) VALUES ({', '.join('?' * len(columns))})",
        list(columns.values())).lastrowid
    if row.get("access", True):
        odoo.db.execute(
            "INSERT INTO ir_model_access (name, active, model_id, perm_read, perm_write, "
            "perm_create, perm_unlink) VALUES (?, 1, ?, 1, 1, 1, 1)",
            (f"access_{number}", number))
    odoo.trouble.extra_models.add(number)
    if "rows" in row and isinstance(name, str):
        model = Model(name, columns["name"], [char("x_name", "Name")], manual=True)
        model.table = f"extra_{number}"
        odoo.registry.add(model, number)
        create_model(odoo.db, model)
        odoo.db.executemany(
            f"INSERT INTO {model.table} (x_name, create_date, write_date) VALUES (?, ?, ?)",
            [(f"Row {n}", timestamp(), timestamp()) for n in range(1, row["rows"] + 1)])
    return number


def _other_user(server: "Server", value: dict) -> tuple[Env, Any]:
    context = {"lang": "en_US", **value.get("context", {})}
    env = Env(server.odoo, value.get("uid", 1), context, su=value.get("su", True))
    return env, server.odoo.registry.models[value["model"]]


def _in_transaction(server: "Server", work: Any) -> Any:
    with server.odoo.lock:
        server.odoo.db.execute("BEGIN")
        try:
            result = work()
        except Exception:
            server.odoo.db.execute("ROLLBACK")
            raise
        server.odoo.db.execute("COMMIT")
    return result


def write(server: "Server", value: dict) -> bool:
    """As another user does behind the client's back; write_date moves."""
    from .write import write_records
    env, model = _other_user(server, value)
    if "date" in value:
        env.now = value["date"]
    ids = value.get("ids") or [value["id"]]
    return _in_transaction(server, lambda: write_records(env, model, ids, value["vals"]))


def create(server: "Server", value: dict) -> list[int]:
    from .write import create_records
    env, model = _other_user(server, value)
    if "date" in value:
        env.now = value["date"]
    vals = value["vals"]
    return _in_transaction(server, lambda: create_records(
        env, model, vals if isinstance(vals, list) else [vals]))


def unlink(server: "Server", value: dict) -> bool:
    from .write import unlink_records
    env, model = _other_user(server, value)
    ids = value.get("ids") or [value["id"]]
    return _in_transaction(server, lambda: unlink_records(env, model, ids))


def sql(server: "Server", value: Any) -> list:
    """Raw SQL, for what no ORM would do: {"sql": "UPDATE …"} or {"sql": ["…", args]}."""
    statement, args = (value, []) if isinstance(value, str) else (value[0], value[1])
    with server.odoo.lock:
        rows = server.odoo.db.execute(statement, args).fetchall()
        server.odoo.access.forget()
    return [list(row) for row in rows]


def settings(server: "Server", value: dict) -> dict:
    """Change how the server behaves: {"set": {"keep_alive": true}}."""
    for name, setting in value.items():
        if name not in ("keep_alive", "many_databases", "json_call"):
            raise ValueError(f"unknown setting {name!r}")
        setattr(server, name, setting)
    return value


COMMANDS = {
    "reset": reset, "reset_counts": reset_counts, "counts": counts,
    "fault": fault, "clear_faults": clear_faults,
    "forbid_record": forbid_record, "forbid_field": forbid_field,
    "broken_field": broken_field, "broken_model": broken_model,
    "lose_record": lose_record, "extra_models": extra_models,
    "write": write, "create": create, "unlink": unlink, "sql": sql, "set": settings,
    **control_doors.COMMANDS,
}
