# SPDX-License-Identifier: MIT
"""Partners: contacts, companies, their tags, titles, industries and bank accounts."""

from __future__ import annotations

from . import fields as f
from .fields import Field
from .models import Model

LANGS = [("en_US", "English (US)"), ("fr_FR", "French / Français")]
ZONES = [(z, z) for z in ("America/New_York", "Asia/Tokyo", "Europe/Brussels",
                          "Europe/London", "Europe/Paris", "UTC")]
WARNINGS = [("no-message", "No Message"), ("warning", "Warning"),
            ("block", "Blocking Message")]
WRITERS = {"base.group_user": "r", "base.group_partner_manager": "rwcu",
           "base.group_system": "rwcu"}


def _email_formatted(env, model, ids) -> dict:
    return {r["id"]: f'"{r["name"]}" <{r["email"]}>' if r["email"] else False
            for r in env.sudo().read("res.partner", ids, ["name", "email"])}


def _contact_address(env, model, ids) -> dict:
    fields = ["street", "street2", "city", "zip", "country_id", "state_id"]
    result = {}
    for r in env.sudo().read("res.partner", ids, fields):
        state, country = r["state_id"], r["country_id"]
        lines = (r["street"], r["street2"],
                 " ".join(x for x in (r["city"], state and state[1], r["zip"]) if x),
                 country and country[1])
        result[r["id"]] = "\n".join(x or "" for x in lines)
    return result


def _orders(env, model, ids) -> dict:
    counts = dict.fromkeys(ids, 0)
    counts.update(env.db.execute(
        "SELECT partner_id, count(*) FROM sale_order "
        "WHERE partner_id IN (SELECT value FROM json_each(?)) GROUP BY partner_id",
        (str(list(ids)),)))
    return counts


def _company_type(env, model, ids) -> dict:
    return {r["id"]: "company" if r["is_company"] else "person"
            for r in env.sudo().read("res.partner", ids, ["is_company"])}


def _tz_offset(env, model, ids) -> dict:
    return dict.fromkeys(ids, "+0000")


def _self(env, model, ids) -> dict:
    return {i: i for i in ids}


def _country_code(env, model, ids) -> dict:
    rows = env.db.execute(
        "SELECT p.id, c.code FROM res_partner p JOIN res_country c ON c.id = p.country_id "
        "WHERE p.id IN (SELECT value FROM json_each(?))", (str(list(ids)),))
    return {**dict.fromkeys(ids, False), **dict(rows)}


def _images(v: int) -> list[Field]:
    fields = [f.image("image_1920", "Image")]
    for size in (1024, 512, 256, 128):
        fields.append(f.image(f"image_{size}", f"Image {size}", related="image_1920",
                              store=True, readonly=True))
    if v >= 19:
        for size in (1920, 128):
            fields.append(f.image(f"avatar_{size}", f"Avatar {size}", compute=_avatar))
    return fields


def _avatar(env, model, ids) -> dict:
    return {r["id"]: r["image_1920"]
            for r in env.sudo().read("res.partner", ids, ["image_1920"])}


def _partner(v: int) -> Model:
    fields = [
        f.char("name", index=True),
        f.char("complete_name", compute_stored=True, index=True, since=19),
        f.char("display_name", "Display Name", compute_stored=True, index=True, until=16),
        f.date("date", index=True, until=16),
        f.many2one("title", "res.partner.title", "Title", until=16),
        f.many2one("parent_id", "res.partner", "Related Company", index=True),
        f.char("parent_name", "Parent name", related="parent_id.name", readonly=True),
        f.one2many("child_ids", "res.partner", "parent_id", "Contact",
                   domain=[("active", "=", True)]),
        f.char("ref", "Reference", index=True),
        f.selection("lang", LANGS, "Language", default="en_US",
                    help="All the emails and documents sent to this contact will be "
                         "translated in this language."),
        f.selection("tz", ZONES, "Timezone"),
        f.char("tz_offset", "Timezone offset", compute=_tz_offset),
        f.many2one("user_id", "res.users", "Salesperson",
                   help="The internal user in charge of this contact."),
        f.char("vat", "Tax ID", index=True,
               help="The Tax Identification Number. Values here will be validated based on "
                    "the country format."),
        f.char("company_registry", "Company ID", since=19),
        f.one2many("bank_ids", "res.partner.bank", "partner_id", "Banks"),
        f.char("website", "Website Link"),
        f.html("comment", "Notes") if v >= 15 else f.text("comment", "Notes"),
        f.many2many("category_id", "res.partner.category",
                    ("res_partner_res_partner_category_rel", "partner_id", "category_id"),
                    "Tags", default=[[6, 0, []]]),
        f.float_("credit_limit", until=14),
        f.boolean("active", default=True),
        f.boolean("employee", help="Check this box if this contact is an Employee."),
        f.char("function", "Job Position"),
        f.selection("type", [("contact", "Contact"), ("invoice", "Invoice Address"),
                             ("delivery", "Delivery Address"), ("other", "Other Address")],
                    "Address Type", default="contact"),
        f.char("street"), f.char("street2"), f.char("zip"), f.char("city"),
        f.many2one("state_id", "res.country.state", "State", ondelete="restrict"),
        f.many2one("country_id", "res.country", "Country", ondelete="restrict"),
        f.char("country_code", "Country Code", compute=_country_code),
        f.float_("partner_latitude", "Geo Latitude",
                 digits=(10, 7) if v >= 15 else (16, 5)),
        f.float_("partner_longitude", "Geo Longitude",
                 digits=(10, 7) if v >= 15 else (16, 5)),
        f.char("email"),
        f.char("email_formatted", "Formatted Email", compute=_email_formatted,
               depends=("name", "email")),
        f.char("email_normalized", "Normalized Email", compute_stored=True),
        f.char("phone"), f.char("mobile", until=18),
        f.char("phone_sanitized", "Sanitized Number", compute_stored=True),
        f.boolean("is_company", "Is a Company", default=False),
        f.many2one("industry_id", "res.partner.industry", "Industry"),
        f.selection("company_type", [("person", "Individual"), ("company", "Company")],
                    compute=_company_type, readonly=False, depends=("is_company",)),
        f.many2one("company_id", "res.company", "Company", index=True),
        f.integer("color", "Color Index", default=0, aggregator="sum"),
        f.one2many("user_ids", "res.users", "partner_id", "Users"),
        f.boolean("partner_share", "Share Partner", compute_stored=True, default=True),
        f.char("contact_address", "Complete Address", compute=_contact_address),
        f.many2one("commercial_partner_id", "res.partner", "Commercial Entity",
                   compute_stored=True, index=True),
        f.char("commercial_company_name", "Company Name Entity", compute_stored=True),
        f.char("company_name"),
        f.char("barcode", company_dependent=v >= 17, copy=False,
               help="Use a barcode to identify this contact."),
        f.many2one("self", "res.partner", compute=_self),
        f.integer("message_bounce", "Bounce", default=0),
        f.one2many("message_follower_ids", "mail.followers", "res_id", "Followers",
                   groups="base.group_user"),
        f.date("date_localization", "Geolocation Date"),
        f.selection("sale_warn", WARNINGS, "Sales Warnings", default="no-message",
                    required=True, until=18),
        f.text("sale_warn_msg", "Message for Sales Order", since=0),
        f.selection("invoice_warn", WARNINGS, "Invoice", default="no-message", until=18),
        f.text("invoice_warn_msg", "Message for Invoice", until=18),
        f.boolean("autopost_bills_allowed", default=True, since=19),
        f.selection("trust", [("good", "Good Debtor"), ("normal", "Normal Debtor"),
                              ("bad", "Bad Debtor")], "Degree of trust you have in this "
                    "debtor", default="normal", company_dependent=True),
        f.integer("customer_rank", default=0, copy=False),
        f.integer("supplier_rank", default=0, copy=False),
        f.datetime("calendar_last_notif_ack", "Last notification marked as read from "
                   "base Calendar", default=lambda env: env.now),
        f.many2one("team_id", "crm.team", "Sales Team"),
        f.integer("sale_order_count", compute=_orders, groups="base.group_user"),
        f.one2many("sale_order_ids", "sale.order", "partner_id", "Sales Order"),
        f.char("signup_token", copy=False, groups="base.group_erp_manager", until=16),
        f.char("signup_type", "Signup Token Type", copy=False,
               groups="base.group_erp_manager"),
        f.one2many("rtc_session_ids", "discuss.channel.rtc.session", "partner_id",
                   "Rtc Session", since=17),
        *_images(v),
    ]
    name = "complete_name" if v >= 19 else "display_name"
    return Model("res.partner", "Contact", fields,
                 order="complete_name ASC, id DESC" if v >= 19 else "display_name",
                 name_sql=f"COALESCE(t.{name}, '')", name_search=("email", "ref"),
                 access={**WRITERS, "base.group_portal": "r", "base.group_public": "r"},
                 rules={"base.group_portal": _own_family})


def _own_family(env) -> list:
    """A portal user sees the company that he belongs to and its contacts."""
    mine = env.db.execute(
        "SELECT p.commercial_partner_id FROM res_users u JOIN res_partner p "
        "ON p.id = u.partner_id WHERE u.id = ?", (env.uid,)).fetchone()
    return [("id", "child_of", mine[0] if mine else 0)]


def declare(v: int) -> list[Model]:
    return [
        _partner(v),
        Model("res.partner.category", "Partner Tags", [
            f.char("name", "Tag Name" if v < 19 else "Name", required=True, translate=True),
            f.integer("color", "Color", default=0),
            f.many2one("parent_id", "res.partner.category", "Parent Category", index=True,
                       ondelete="cascade"),
            f.one2many("child_ids", "res.partner.category", "parent_id", "Child Tags"),
            f.boolean("active", default=True,
                      help="The active field allows you to hide the category without "
                           "removing it."),
            f.char("parent_path", index=True, compute_stored=True, readonly=False),
            f.many2many("partner_ids", "res.partner",
                        ("res_partner_res_partner_category_rel", "category_id",
                         "partner_id"), "Partners", copy=False),
        ], order="name, id" if v >= 19 else "name",
            name_sql="(CASE WHEN t.parent_id IS NULL THEN '' ELSE (SELECT c.name || ' / ' "
                     "FROM res_partner_category c WHERE c.id = t.parent_id) END) || t.name",
            access=WRITERS),
        Model("res.partner.title", "Partner Title", [
            f.char("name", "Title", required=True, translate=True),
            f.char("shortcut", "Abbreviation", translate=True),
        ], order="name", access=WRITERS, until=16),
        Model("res.partner.industry", "Industry", [
            f.char("name", translate=True), f.char("full_name", translate=True),
            f.boolean("active", default=True),
        ], order="name, id" if v >= 19 else "name", access=WRITERS),
        Model("res.partner.bank", "Bank Accounts", [
            f.char("acc_number", "Account Number", required=True),
            f.many2one("partner_id", "res.partner", "Account Holder", required=True,
                       ondelete="cascade", index=True),
            f.boolean("active", default=True),
            f.integer("sequence", default=10),
            f.many2one("company_id", "res.company", "Company"),
        ], order="sequence, id", rec_name="acc_number",
            access={"base.group_user": "r", "base.group_partner_manager": "rwcu"}),
    ]
