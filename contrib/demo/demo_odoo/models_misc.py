# SPDX-License-Identifier: MIT
"""What trips clients up: abstract, transient, unreadable and broken models, a model without
write_date, and a custom model that has a field of every type."""

from __future__ import annotations

from . import fields as f
from .models import Model

INTERNAL = {"base.group_user": "rwcu"}


def _mail(v: int) -> list[Model]:
    return [
        Model("mail.thread", "Email Thread", [
            f.one2many("message_follower_ids", "mail.followers", "res_id", "Followers"),
        ], abstract=True, module="mail"),
        Model("mail.activity.mixin", "Activity Mixin", abstract=True, module="mail"),
        Model("image.mixin", "Image Mixin", abstract=True),
        Model("base", "Base", abstract=True),
        Model("mail.followers", "Document Followers", [
            f.char("res_model", "Related Document Model Name", required=True, index=True),
            f.many2one_reference("res_id", "Related Document ID", model_field="res_model",
                                 index=True),
            f.many2one("partner_id", "res.partner", "Related Partner", required=v >= 17,
                       ondelete="cascade", index=True),
            f.char("name", related="partner_id.name"),
            f.char("email", related="partner_id.email"),
            f.boolean("is_active", "Is Active", related="partner_id.active"),
        ], rec_name="partner_id", log_access=False, module="mail",
            name_sql="(SELECT p.name FROM res_partner p WHERE p.id = t.partner_id)",
            access={"base.group_user": "r", "base.group_system": "rwcu"}),
        Model("discuss.channel.rtc.session", "Mail RTC session", [
            f.many2one("partner_id", "res.partner", "Partner", ondelete="cascade"),
            f.boolean("is_muted", "Is microphone muted"),
        ], since=17, module="mail", access={"base.group_system": "rwcu"}),
    ]


def _odd(v: int) -> list[Model]:
    return [
        Model("base.language.install", "Install Language", [
            f.selection("lang", [("en_US", "English (US)"), ("fr_FR", "French / Français")],
                        "Language", until=15),
            f.boolean("overwrite", "Overwrite Existing Terms", default=True),
        ], transient=True, access={"base.group_system": "rwc"}),
        Model("res.config.settings", "Config Settings", [
            f.many2one("company_id", "res.company", "Company", required=True, default=1),
        ], transient=True, access={"base.group_system": "rwc"}),
        Model("report.nowhere", "Report without a table", [
            f.char("name"),
        ], table=False, log_access=False, access={"base.group_user": "r"}),
        Model("account.root", "Account codes first 2 digits", [
            f.char("name"),
        ], log_access=False, module="account", access={"base.group_user": "r"},
            view="SELECT 48000 + n AS id, CAST(n AS TEXT) AS name FROM (SELECT 10 AS n "
                 "UNION SELECT 40 UNION SELECT 70)"),
    ]


def _types(v: int) -> list[Model]:
    """The custom model: whatever a field can be."""
    return [
        Model("x_everything", "Everything", [
            f.char("x_name", "Name", required=True),
            f.char("x_short", "Short", size=8),
            f.char("x_translated", "Translated", translate=True),
            f.text("x_text", "Text"),
            f.html("x_html", "Html"),
            f.integer("x_integer", "Integer"),
            f.float_("x_float", "Float"),
            f.float_("x_ratio", "Ratio", digits=(16, 3)),
            f.monetary("x_amount", "Amount", currency="x_currency_id"),
            f.many2one("x_currency_id", "res.currency", "Currency", default=1),
            f.boolean("x_active", "Active", default=True),
            f.boolean("x_flag", "Flag"),
            f.date("x_date", "Date"),
            f.datetime("x_datetime", "Date and time"),
            f.selection("x_state", [("draft", "Draft"), ("open", "Open"), ("done", "Done")],
                        "State"),
            f.many2one("x_partner_id", "res.partner", "Partner"),
            f.many2one("x_owner_id", "res.partner", "Owner", ondelete="restrict"),
            f.many2one("x_parent_id", "x_everything", "Parent"),
            f.one2many("x_child_ids", "x_everything", "x_parent_id", "Children"),
            f.one2many("x_line_ids", "x_everything_line", "x_thing_id", "Lines"),
            f.many2many("x_tag_ids", "res.partner.category",
                        ("x_everything_tag_rel", "x_thing_id", "tag_id"), "Tags"),
            f.one2many("x_secret_ids", "x_secret", "x_thing_id", "Secrets"),
            f.binary("x_file", "File"),
            f.binary("x_inline", "Inline file", attachment=False),
            f.image("x_image", "Image"),
            f.reference("x_reference", "Reference", selection=[
                ("res.partner", "Contact"), ("res.users", "User"),
                ("product.product", "Product")]),
            f.char("x_model", "Model"),
            f.many2one_reference("x_res_id", "Resource", model_field="x_model"),
            f.json_("x_json", "Json", since=16),
            f.properties("x_properties", "Properties", definition="x_kind_id.x_definition",
                         since=17),
            f.many2one("x_kind_id", "x_kind", "Kind"),
            f.char("x_hidden", "Hidden", groups="base.group_system"),
            f.integer("x_double", "Double", readonly=True, depends=("x_integer",),
                      compute=lambda env, model, ids: {
                          r["id"]: 2 * r["x_integer"] for r in env.sudo().read(
                              "x_everything", ids, ["x_integer"])}),
            f.char("x_partner_email", "Partner's email", related="x_partner_id.email"),
        ], rec_name="x_name", manual=True, access=INTERNAL),
        Model("x_everything_line", "Everything's Line", [
            f.char("x_name", "Name", required=True),
            f.many2one("x_thing_id", "x_everything", "Thing", required=True,
                       ondelete="cascade", index=True),
            f.float_("x_quantity", "Quantity", default=1.0),
        ], manual=True, access=INTERNAL),
        Model("x_kind", "Kind of Thing", [
            f.char("x_name", "Name", required=True),
            f.properties_definition("x_definition", "Definition", since=17),
        ], manual=True, access=INTERNAL),
        Model("x_secret", "Secret", [
            f.char("x_name", "Name"),
            f.many2one("x_thing_id", "x_everything", "Thing", ondelete="cascade"),
        ], manual=True, access={"base.group_system": "rwcu"}),
        Model("x_nobody", "Nobody's Model", [f.char("x_name", "Name")], manual=True),
    ]


def declare(v: int) -> list[Model]:
    return _mail(v) + _odd(v) + _types(v)
