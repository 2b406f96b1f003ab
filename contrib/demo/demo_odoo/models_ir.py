# SPDX-License-Identifier: MIT
"""The models that describe models: ir.model and its kin, attachments, parameters."""

from __future__ import annotations

from . import fields as f
from .models import Model

SYSTEM = {"base.group_system": "rwcu"}
TYPES = [(t, t) for t in (
    "binary", "boolean", "char", "date", "datetime", "float", "html", "integer", "json",
    "many2many", "many2one", "many2one_reference", "monetary", "one2many", "properties",
    "properties_definition", "reference", "selection", "text")]


def _model_choices(env) -> list[tuple[str, str]]:
    rows = env.db.execute("SELECT model, name FROM ir_model ORDER BY name")
    return [(model, name) for model, name in rows]


def _no_reference(env, model, ids) -> dict:
    return dict.fromkeys(ids, False)


def _resource_ref() -> f.Field:
    field = f.reference("resource_ref", "Record", compute=_no_reference, readonly=False)
    field.choices = _model_choices
    return field


def _describing(v: int) -> list[Model]:
    access = {"base.group_erp_manager": "rwcu"}
    if v < 19:
        access["base.group_user"] = "r"
    return [
        Model("ir.model", "Models", [
            f.char("name", "Model Description", required=True, translate=True),
            f.char("model", required=True, default="x_", index=True),
            f.char("order", required=True, default="id", since=13),
            f.text("info", "Information"),
            f.boolean("abstract", "Abstract Model", since=17),
            f.one2many("field_id", "ir.model.fields", "model_id", "Fields"),
            f.selection("state", [("manual", "Custom Object"), ("base", "Base Object")],
                        "Type", readonly=True, default="manual"),
            f.one2many("access_ids", "ir.model.access", "model_id", "Access"),
            f.boolean("transient", "Transient Model"),
            f.char("modules", "In Apps", compute=lambda env, model, ids: {
                i: "base" for i in ids}),
            f.integer("count", "Count (Incl. Archived)", compute=_counts),
        ], order="model", access=access,
            unique=[(("model",), "Each model must have a unique name."
                     if v >= 19 else "Each model must be unique!", "ir_model_obj_name_uniq")]),
        Model("ir.model.fields", "Fields", [
            f.char("name", "Field Name", required=True, default="x_", index=True),
            f.char("model", "Model Name", required=True, index=True),
            f.char("relation", "Related Model"),
            f.char("relation_field"),
            f.many2one("model_id", "ir.model", "Model", required=True, index=True,
                       ondelete="cascade"),
            f.char("field_description", "Field Label", required=True, default="",
                   translate=True),
            f.text("help", "Field Help", translate=True),
            f.selection("ttype", TYPES, "Field Type", required=True),
            f.boolean("required"), f.boolean("readonly"), f.boolean("index", "Indexed"),
            f.boolean("translate", "Translatable") if v < 18 else
            f.selection("translate", [("standard", "Translate as a whole"),
                                      ("html_translate", "Translate HTML")],
                        "Translatable"),
            f.integer("size"),
            f.selection("state", [("manual", "Custom Field"), ("base", "Base Field")],
                        "Type", required=True, readonly=True, default="manual"),
            f.boolean("store", "Stored", default=True),
            f.char("related", "Related Field Definition"),
            f.text("depends", "Dependencies"),
        ], order="name, id" if v >= 19 else "name", rec_name="field_description",
            name_sql="t.field_description || ' (' || t.model || ')'", access=access),
        Model("ir.model.fields.selection", "Fields Selection", [
            f.many2one("field_id", "ir.model.fields", "Field", required=True,
                       ondelete="cascade"),
            f.char("value", required=True), f.char("name", required=True, translate=True),
            f.integer("sequence", default=1000),
        ], order="sequence, id", access=access),
        Model("ir.model.access", "Model Access", [
            f.char("name", required=True, index=True),
            f.boolean("active", default=True),
            f.many2one("model_id", "ir.model", "Model", required=True, index=True,
                       ondelete="cascade"),
            f.many2one("group_id", "res.groups", "Group", index=True, ondelete="restrict"),
            f.boolean("perm_read", "Read Access"), f.boolean("perm_write", "Write Access"),
            f.boolean("perm_create", "Create Access"),
            f.boolean("perm_unlink", "Delete Access"),
        ], order="model_id,group_id,name,id",
            access=access),
        Model("ir.model.data", "Model Data", [
            f.char("name", "External Identifier", required=True),
            f.char("module", required=True, default=""),
            f.char("model", "Model Name", required=True),
            f.many2one_reference("res_id", "Record ID", model_field="model"),
            f.boolean("noupdate", "Non Updatable"),
        ], order="module, model, name", access={"base.group_user": "r", **SYSTEM}),
    ]


def _counts(env, model, ids) -> dict:
    counts = {}
    for number, name in env.db.execute("SELECT id, model FROM ir_model"):
        other = env.registry.get(name)
        if number in ids:
            counts[number] = 0
            if other and other.has_table:
                counts[number] = env.db.execute(
                    f'SELECT count(*) FROM "{other.table}"').fetchone()[0]
    return counts


def declare(v: int) -> list[Model]:
    return _describing(v) + [
        Model("ir.attachment", "Attachment", [
            f.char("name", required=True),
            f.text("description"),
            f.char("res_name", "Resource Name", compute=_no_reference),
            f.char("res_model", "Resource Model", readonly=v < 19),
            f.char("res_field", "Resource Field"),
            f.many2one_reference("res_id", "Resource ID", model_field="res_model",
                                 readonly=v < 19),
            f.many2one("company_id", "res.company", "Company", default=1),
            f.selection("type", [("url", "URL"), ("binary", "File")], required=True,
                        default="binary"),
            f.char("url", index=True, size=1024),
            f.boolean("public", "Is public document"),
            f.binary("datas", "File Content (base64)",
                     compute=_datas, readonly=False),
            f.binary("raw", "File Content (raw)", compute=_datas, readonly=False),
            f.binary("db_datas", "Database Data", attachment=False),
            f.char("store_fname", "Stored Filename"),
            f.integer("file_size", readonly=True),
            f.char("checksum", "Checksum/SHA1", size=40, readonly=True),
            f.char("mimetype", "Mime Type", readonly=True),
            f.char("access_token", groups="base.group_user"),
        ], order="id desc", access={"base.group_user": "rwcu", "base.group_portal": "rw"}),
        Model("ir.config_parameter", "System Parameter", [
            f.char("key", required=True), f.text("value", required=True),
        ], order="key", rec_name="key", access=SYSTEM,
            unique=[(("key",), "Key must be unique.", "ir_config_parameter_key_uniq")]),
        Model("ir.actions.server", "Server Action" if v >= 19 else "Server Actions", [
            f.char("name", "Action Name", required=True, translate=True),
            f.selection("state", [("code", "Execute Code"), ("object_write", "Update Record")],
                        "Type", required=True, default="object_write"),
            f.many2one("model_id", "ir.model", "Model", required=True, ondelete="cascade"),
            f.integer("sequence", default=5),
            f.text("code", "Python Code", groups="base.group_system"),
            *([_resource_ref()] if v >= 19 else []),
        ], order="sequence,name,id",
            access={"base.group_user": "r", **SYSTEM} if v < 19 else SYSTEM),
        Model("ir.server.object.lines", "Server Action value mapping", [
            f.many2one("server_id", "ir.actions.server", "Related Action",
                       ondelete="cascade"),
            f.many2one("col1", "ir.model.fields", "Field", required=True,
                       ondelete="cascade"),
            f.text("value", required=True),
            _resource_ref(),
        ], until=16, access={"base.group_user": "r", **SYSTEM}),
        Model("ir.cron", "Scheduled Actions", [
            f.char("cron_name", "Name", required=True),
            f.boolean("active", default=True),
            f.integer("interval_number", default=1),
            f.datetime("nextcall", "Next Execution Date", default=lambda env: env.now),
        ], order="cron_name", rec_name="cron_name", access=SYSTEM),
        Model("ir.sequence", "Sequence", [
            f.char("name", required=True), f.char("code", "Sequence Code"),
            f.char("prefix"), f.integer("padding", "Sequence Size", default=0),
            f.integer("number_next", "Next Number", default=1, required=True),
            f.boolean("active", default=True),
        ], order="name, id" if v >= 19 else "name",
            access={"base.group_user": "r", **SYSTEM}),
        Model("ir.rule", "Record Rule", [
            f.char("name", index=True), f.boolean("active", default=True),
            f.many2one("model_id", "ir.model", "Model", required=True, ondelete="cascade"),
            f.text("domain_force", "Domain"),
        ], order="model_id DESC,id", access={"base.group_erp_manager": "rwcu"}),
        Model("ir.http", "HTTP Routing", abstract=True, access={}),
        Model("ir.qweb", "Qweb", abstract=True, access={}),
    ]


def _datas(env, model, ids) -> dict:
    rows = env.db.execute(
        "SELECT id, db_datas FROM ir_attachment WHERE id IN (SELECT value FROM json_each(?))",
        (str(list(ids)),))
    return {i: env.binary_value(blob) for i, blob in rows}
