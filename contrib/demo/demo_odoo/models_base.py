# SPDX-License-Identifier: MIT
"""Users, groups, companies, and the tables of the world: countries, currencies, languages."""

from __future__ import annotations

from typing import Callable

from . import fields as f
from .fields import Field
from .models import Model

# id, external id, category, name, ids of the groups that it implies
GROUPS = [
    (1, "base.group_user", "User types", "Internal User", []),
    (2, "base.group_erp_manager", "Administration", "Access Rights", [1]),
    (3, "base.group_system", "Administration", "Settings", [2]),
    (4, "base.group_multi_company", "Technical", "Multi Companies", []),
    (5, "base.group_multi_currency", "Technical", "Multi Currencies", []),
    (6, "base.group_no_one", "Technical", "Technical Features", []),
    (7, "base.group_partner_manager", "Extra Rights", "Contact Creation", []),
    (8, "base.group_portal", "User types", "Portal", []),
    (9, "base.group_public", "User types", "Public", []),
    (10, "sales_team.group_sale_salesman", "Sales", "User: Own Documents Only", [1]),
    (11, "sales_team.group_sale_manager", "Sales", "Administrator", [10]),
    (12, "product.group_product_variant", "Technical", "Manage Product Variants", []),
]
GROUP_ID = {xmlid: number for number, xmlid, *_ in GROUPS}

READ_ALL = {"": "r", "base.group_system": "rwcu"}
INTERNAL = {"base.group_user": "r", "base.group_system": "rwcu"}


def _users(v: int) -> list[Model]:
    rel = ("res_groups_users_rel", "uid", "gid")
    label = "Groups"
    return [
        Model("res.users", "User" if v >= 19 else "Users", [
            f.many2one("partner_id", "res.partner", "Related Partner", required=True,
                       help="Partner-related data of the user"),
            f.char("login", required=True, help="Used to log into the system"),
            f.char("password", compute=_nothing, readonly=False,
                   help="Keep empty if you don't want the user to be able to connect on the "
                        "system."),
            f.html("signature", "Email Signature"),
            f.boolean("active", default=True),
            f.boolean("share", "Share User", compute_stored=True),
            f.many2one("company_id", "res.company", "Company", required=True, default=1),
            f.many2many("company_ids", "res.company",
                        ("res_company_users_rel", "user_id", "cid"), "Companies"),
            f.many2many("groups_id", "res.groups", rel, label, until=18, default=[[6, 0, [1]]]),
            f.many2many("group_ids", "res.groups", rel, label, since=19, default=[[6, 0, [1]]]),
            f.many2many("all_group_ids", "res.groups", None, "Groups and implied groups",
                        since=19, compute=_all_groups),
            f.selection("notification_type", [("email", "Handle by Emails"),
                                              ("inbox", "Handle in Odoo")],
                        "Notification", required=True, default="email"),
            *_virtual_groups(),
        ], order="login", inherits=("res.partner", "partner_id"),
            name_sql="(SELECT p.name FROM res_partner p WHERE p.id = t.partner_id)",
            name_search=("login",),
            unique=[(("login",), "You can not have two users with the same login!",
                     "res_users_login_key")],
            access={"base.group_user": "r", "base.group_portal": "r",
                    "base.group_erp_manager": "rwcu"},
            rules={"base.group_portal": lambda env: [("id", "=", env.uid)]}),
        Model("res.groups", "Access Groups", [
            f.char("name", required=True, translate=True),
            f.text("comment", translate=True),
            f.char("full_name", "Group Name",
                   compute=lambda env, model, ids: env.names("res.groups", ids)),
            f.boolean("share", "Share Group"),
            f.char("category", compute_stored=True),
            f.many2many("users", "res.users", ("res_groups_users_rel", "gid", "uid"),
                        until=18),
            f.many2many("user_ids", "res.users", ("res_groups_users_rel", "gid", "uid"),
                        "Users", since=19),
            f.many2many("all_user_ids", "res.users", None, "Users and implied users",
                        since=19, compute=_all_users, pointing=_groups_with_users,
                        searchable=True),
            f.many2many("implied_ids", "res.groups",
                        ("res_groups_implied_rel", "gid", "hid"), "Inherits"),
        ], order="name", name_sql="t.category || ' / ' || t.name",
            access={"base.group_user": "r", "base.group_erp_manager": "rwcu"}),
        Model("res.users.log", "Users Log", order="id desc",
              access={"base.group_user": "rc"}),
    ]


def _nothing(env, model, ids) -> dict:
    return dict.fromkeys(ids, "")


def _virtual_groups() -> list[Field]:
    """Before 19, fields that exist only while one looks: a user's groups as choices.

    fields_get says little of them, not even whether they are stored, and some of the
    selections have keys that are no strings.
    """
    choices = [("sel_groups_1_8_9", "User types", (1, 8, 9)),
               ("sel_groups_2_3", "Administration", (False, 2, 3)),
               ("sel_groups_10_11", "Sales", (False, 10, 11))]
    names = {number: name for number, _, _, name, _ in GROUPS}
    fields = [f.selection(name, [(n, names.get(n, "")) for n in numbers], title, until=18,
                          compute=_choice(numbers)) for name, title, numbers in choices]
    fields += [f.boolean(f"in_group_{n}", names[n], until=18, compute=_choice((n,)))
               for n in (4, 5, 6, 7, 12)]
    for field in fields:
        field.bare = True
    return fields


def _choice(numbers: tuple) -> Callable:
    """The last of the groups that the user is in; for one group, whether he is in it."""
    def compute(env, model, ids) -> dict:
        result = {}
        for user in ids:
            mine = env.odoo.access.groups_of(user)
            found = [n for n in numbers if n and n in mine]
            result[user] = bool(found) if len(numbers) == 1 else found[-1] if found else False
        return result
    return compute


def _all_groups(env, model, ids) -> dict:
    return {i: sorted(env.odoo.access.groups_of(i)) for i in ids}


def _all_users(env, model, ids) -> dict:
    users = [uid for uid, in env.execute("SELECT id FROM res_users ORDER BY id")]
    return {i: [uid for uid in users if i in env.odoo.access.groups_of(uid)] for i in ids}


def _groups_with_users(users_sql: str) -> str:
    """A condition on groups: that a user of these is in them, by himself or by implication."""
    return ("t.id IN (WITH RECURSIVE mine(gid) AS (SELECT gid FROM res_groups_users_rel "
            f"WHERE uid IN ({users_sql}) UNION SELECT hid FROM res_groups_implied_rel "
            "JOIN mine USING (gid)) SELECT gid FROM mine)")


def _world(v: int) -> list[Model]:
    return [
        Model("res.country", "Country", [
            f.char("name", "Country Name", required=True, translate=True),
            f.char("code", "Country Code", size=2, required=v >= 19,
                   help="The ISO country code in two chars. \nYou can use this field for "
                        "quick search."),
            f.text("address_format", "Layout in Reports",
                   default="%(street)s\n%(street2)s\n%(city)s %(state_code)s %(zip)s\n"
                           "%(country_name)s"),
            f.many2one("currency_id", "res.currency", "Currency"),
            f.char("image_url", "Flag", since=19, compute=_flag),
            f.integer("phone_code", "Country Calling Code"),
            f.one2many("state_ids", "res.country.state", "country_id", "States"),
            f.selection("name_position", [("before", "Before Address"),
                                          ("after", "After Address")],
                        "Customer Name Position", default="before"),
            f.char("vat_label", "Vat Label", translate=True),
            f.boolean("state_required", default=False),
            f.boolean("zip_required", default=True),
        ], order="name", access=READ_ALL,
            name_search=("code",),
            unique=[(("name",), "The name of the country must be unique!",
                     "res_country_name_uniq"),
                    (("code",), "The code of the country must be unique!",
                     "res_country_code_uniq")]),
        Model("res.country.state", "Country state", [
            f.many2one("country_id", "res.country", "Country", required=True),
            f.char("name", "State Name", required=True),
            f.char("code", "State Code", required=True),
        ], order="code, id", access=READ_ALL,
            name_sql="t.name || ' (' || (SELECT c.code FROM res_country c "
                     "WHERE c.id = t.country_id) || ')'",
            unique=[(("country_id", "code"),
                     "The code of the state must be unique by country!",
                     "res_country_state_name_code_uniq")]),
        Model("res.country.group", "Country Group", [
            f.char("name", required=True, translate=True),
            f.many2many("country_ids", "res.country", (
                "res_country_res_country_group_rel", "res_country_group_id",
                "res_country_id"), "Countries"),
        ], order="name, id" if v >= 19 else "id", access=READ_ALL),
        Model("res.currency", "Currency", [
            f.char("name", "Currency", size=3, required=True,
                   help="Currency Code (ISO 4217)"),
            f.char("full_name", "Name", since=19),
            f.char("symbol", required=True,
                   help="Currency sign, to be used when printing amounts."),
            f.float_("rate", "Current Rate", compute=_rate, digits=(0, 0)),
            f.one2many("rate_ids", "res.currency.rate", "currency_id", "Rates"),
            f.float_("rounding", "Rounding Factor", digits=(12, 6), default=0.01),
            f.integer("decimal_places", compute_stored=True),
            f.boolean("active", default=True),
            f.selection("position", [("after", "After Amount"), ("before", "Before Amount")],
                        "Symbol Position", default="after"),
            f.char("currency_unit_label", "Currency Unit", translate=v >= 19),
            f.char("currency_subunit_label", "Currency Subunit", translate=v >= 19),
        ], order="active desc, name", access=READ_ALL,
            unique=[(("name",), "The currency code must be unique!",
                     "res_currency_unique_name")]),
        Model("res.currency.rate", "Currency Rate", [
            f.date("name", "Date", required=True, index=True),
            f.float_("rate", "Technical Rate" if v >= 19 else "Rate", digits=(0, 0),
                     default=1.0),
            f.many2one("currency_id", "res.currency", "Currency", required=True,
                       readonly=True, ondelete="cascade"),
            f.many2one("company_id", "res.company", "Company", default=1),
        ], order="name desc, id" if v >= 19 else "name desc", access=READ_ALL),
        Model("res.lang", "Languages", [
            f.char("name", required=True),
            f.char("code", "Locale Code", required=True,
                   help="This field is used to set/get locales for user"),
            f.char("iso_code", "ISO code"),
            f.char("url_code", "URL Code", required=True),
            f.boolean("active"),
            f.selection("direction", [("ltr", "Left-to-Right"), ("rtl", "Right-to-Left")],
                        required=True, default="ltr"),
            f.char("date_format", required=True, default="%m/%d/%Y"),
            f.char("time_format", required=True, default="%H:%M:%S"),
            f.char("grouping", "Separator Format", required=True, default="[]"),
            f.char("decimal_point", "Decimal Separator", required=True, default="."),
            f.char("thousands_sep", "Thousands Separator", default=","),
        ], order="active desc,name", access=READ_ALL,
            unique=[(("name",), "The name of the language must be unique!",
                     "res_lang_name_uniq"),
                    (("code",), "The code of the language must be unique!",
                     "res_lang_code_uniq")]),
        Model("res.company", "Companies", [
            f.char("name", "Company Name", required=True),
            f.integer("sequence", default=10),
            f.boolean("active", default=True, since=19),
            f.many2one("parent_id", "res.company", "Parent Company"),
            f.one2many("child_ids", "res.company", "parent_id", "Branches"),
            f.many2one("partner_id", "res.partner", "Partner", required=True),
            f.many2one("currency_id", "res.currency", "Currency", required=True, default=1),
            f.many2many("user_ids", "res.users",
                        ("res_company_users_rel", "cid", "user_id"), "Accepted Users"),
            f.char("email", related="partner_id.email", readonly=False),
            f.char("phone", related="partner_id.phone", readonly=False),
            f.text("report_footer", translate=True),
            f.many2one("country_id", "res.country", "Country",
                       related="partner_id.country_id", readonly=False),
            f.binary("favicon", "Company Favicon", until=16),
            f.binary("layout_background_image", "Background Image", since=17),
        ], order="sequence, name", access={"": "r", "base.group_erp_manager": "rwcu"},
            unique=[(("name",), "The company name must be unique!",
                     "res_company_name_uniq")]),
    ]


def _flag(env, model, ids) -> dict:
    return {r["id"]: f"/base/static/img/country_flags/{(r['code'] or 'xx').lower()}.png"
            for r in env.sudo().read("res.country", ids, ["code"])}


def _rate(env, model, ids) -> dict:
    rates = dict.fromkeys(ids, 1.0)
    rows = env.db.execute("SELECT currency_id, rate FROM res_currency_rate ORDER BY name, id")
    rates.update((c, r) for c, r in rows if c in rates)
    return rates


def declare(v: int) -> list[Model]:
    return _users(v) + _world(v)
