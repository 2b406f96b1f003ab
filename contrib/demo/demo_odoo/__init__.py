# SPDX-License-Identifier: MIT
"""A small Odoo look-alike on SQLite: the demo server, and the test suite's fake.

Layers, each knowing only those before it:

    faults, fields, values      what a server says no with; field types and their values
    models, models_*            the models, declared
    db, domain, access, names   tables; domains as SQL; rights; display names
    read, write, groups         the methods of every model
    special                     the methods of one model (res.users, ir.model, …)
    orders                      what sales orders are refused once they are confirmed
    orm                         Odoo.call(uid, model, method, args, kwargs): the one entrance
    data_*                      the records that a new database starts with
    trouble, inject, control    what tests ask to go wrong
    jsonrpc, web, httpd         the transports
"""
