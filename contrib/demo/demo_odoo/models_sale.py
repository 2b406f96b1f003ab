# SPDX-License-Identifier: MIT
"""Products and sales orders."""

from __future__ import annotations

from . import fields as f
from .models import Model

PRODUCT_TYPES = {14: [("consu", "Consumable"), ("service", "Service"),
                      ("product", "Storable Product")],
                 19: [("consu", "Goods"), ("service", "Service"), ("combo", "Combo")]}
SALES = {"sales_team.group_sale_salesman": "rwc", "sales_team.group_sale_manager": "rwcu"}
CATALOGUE = {"base.group_user": "r", "base.group_system": "rwcu",
             "sales_team.group_sale_manager": "rwcu"}


def _products(v: int) -> list[Model]:
    return [
        Model("uom.uom", "Product Unit of Measure", [
            f.char("name", "Unit of Measure", required=True, translate=True),
            f.float_("factor", "Ratio", digits=(0, 0), required=True, default=1.0),
            f.float_("rounding", "Rounding Precision", digits=(0, 0), default=0.01),
            f.boolean("active", default=True),
        ], order="name", access={"base.group_user": "r", "base.group_system": "rwcu"},
            module="uom"),
        Model("product.category", "Product Category", [
            f.char("name", required=True, index=True),
            f.char("complete_name", compute_stored=True),
            f.many2one("parent_id", "product.category", "Parent Category", index=True,
                       ondelete="cascade"),
            f.char("parent_path", index=True, compute_stored=True, readonly=False),
            f.one2many("child_id", "product.category", "parent_id", "Child Categories"),
            f.properties_definition("product_properties_definition", "Product Properties",
                                    since=17),
        ], order="complete_name", name_sql="t.complete_name", access=CATALOGUE,
            module="product"),
        Model("product.template", "Product" if v >= 19 else "Product Template", [
            f.char("name", required=True, index=True, translate=True),
            f.integer("sequence", default=1, help="Gives the sequence order when displaying "
                                                  "a product list"),
            (f.html if v >= 15 else f.text)("description", translate=True),
            f.text("description_sale", "Sales Description", translate=True),
            f.selection("type", PRODUCT_TYPES[v], "Product Type", required=True,
                        default="consu"),
            f.many2one("categ_id", "product.category", "Product Category",
                       required=v < 19, default=1),
            f.many2one("currency_id", "res.currency", "Currency",
                       compute=lambda env, model, ids: dict.fromkeys(ids, 1)),
            f.monetary("list_price", "Sales Price", currency="currency_id", default=1.0)
            if v >= 15 else f.float_("list_price", "Sales Price", digits=(16, 2), default=1.0),
            f.float_("weight", digits=(16, 2)), f.float_("volume", digits=(16, 2)),
            f.boolean("sale_ok", "Can be Sold", default=True),
            f.boolean("purchase_ok", "Can be Purchased", default=True),
            f.many2one("uom_id", "uom.uom", "Unit of Measure", required=True, default=1),
            f.many2one("company_id", "res.company", "Company", index=True),
            f.boolean("active", default=True),
            f.integer("color", "Color Index"),
            f.one2many("product_variant_ids", "product.product", "product_tmpl_id",
                       "Products"),
            f.image("image_1920", "Image"),
            f.properties("product_properties", "Properties",
                         definition="categ_id.product_properties_definition", since=17),
        ], order="name",
            access=CATALOGUE, module="product"),
        Model("product.product", "Product" if v < 19 else "Product Variant", [
            f.many2one("product_tmpl_id", "product.template", "Product Template",
                       required=True, ondelete="cascade", index=True),
            f.char("default_code", "Internal Reference", index=True),
            f.char("code", "Reference", compute=lambda env, model, ids: {
                r["id"]: r["default_code"]
                for r in env.sudo().read("product.product", ids, ["default_code"])}),
            f.boolean("active", default=True),
            f.char("barcode", copy=False),
            f.float_("lst_price", "Sales Price" if v >= 19 else "Public Price",
                     related="product_tmpl_id.list_price", readonly=False, digits=(16, 2)),
            f.float_("standard_price", "Cost", digits=(16, 2), company_dependent=True,
                     groups="base.group_user"),
            f.image("image_variant_1920", "Variant Image"),
        ], order="default_code, name, id" if v < 19 else "default_code, id",
            inherits=("product.template", "product_tmpl_id"),
            name_sql="(SELECT COALESCE('[' || t.default_code || '] ', '') || p.name "
                     "FROM product_template p WHERE p.id = t.product_tmpl_id)",
            name_search=("default_code", "barcode"), access=CATALOGUE, module="product",
            unique=[(("barcode",), "A barcode can only be assigned to one product !",
                     "product_product_barcode_uniq")]),
    ]


def _order(v: int) -> Model:
    states = [("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order"),
              ("done", "Locked"), ("cancel", "Cancelled")]
    once: dict = {} if v >= 17 else {
        "readonly": True, "states": {x: [["readonly", False]] for x in ("draft", "sent")}}
    until: dict = {} if v >= 17 else {
        "states": {x: [["readonly", True]] for x in ("cancel", "done")}}
    return Model("sale.order", "Sales Order", [
        f.char("name", "Order Reference", required=True, index=True, copy=False,
               readonly=v < 19, default=lambda env: _next_name(env)),
        f.char("origin", "Source Document"),
        f.char("client_order_ref", "Customer Reference", copy=False),
        f.selection("state", [s for s in states if v < 17 or s[0] != "done"], "Status",
                    readonly=True, default="draft", copy=False),
        f.datetime("date_order", "Order Date", required=True, default=lambda env: env.now,
                   **once),
        f.date("validity_date", "Expiration", **once),
        f.boolean("locked", since=17, default=False),
        f.many2one("user_id", "res.users", "Salesperson"),
        f.many2one("partner_id", "res.partner", "Customer", required=True, index=True,
                   **once),
        f.many2one("partner_invoice_id", "res.partner", "Invoice Address"),
        f.many2one("partner_shipping_id", "res.partner", "Delivery Address"),
        f.many2one("currency_id", "res.currency", "Currency", required=True, default=1,
                   ondelete="restrict"),
        f.many2one("company_id", "res.company", "Company", required=True, default=1),
        f.many2one("team_id", "crm.team", "Sales Team"),
        f.one2many("order_line", "sale.order.line", "order_id", "Order Lines", **until),
        f.integer("order_line_count", compute=_lines),
        f.html("note", "Terms and conditions") if v >= 15 else
        f.text("note", "Terms and conditions"),
        f.monetary("amount_untaxed", "Untaxed Amount", currency="currency_id",
                   compute_stored=True),
        f.monetary("amount_tax", "Taxes", currency="currency_id", compute_stored=True),
        f.monetary("amount_total", "Total", currency="currency_id", compute_stored=True),
        f.float_("currency_rate", "Currency Rate", digits=(12, 6), compute_stored=True),
        f.many2many("tag_ids", "crm.tag", ("sale_order_tag_rel", "order_id", "tag_id"),
                    "Tags"),
        f.char("access_token", "Security Token", copy=False),
        f.date("commitment_day", "Delivery Day", until=16),
        f.boolean("require_signature", "Online signature", default=True),
        f.image("signature", "Signature", copy=False),
    ], order="date_order desc, id desc", access={**SALES, "base.group_portal": "r"},
        module="sale",
        rules={"base.group_portal": lambda env: [
            ("partner_id", "child_of", env.user_partner())]})


def _next_name(env) -> str:
    last = env.db.execute("SELECT max(id) FROM sale_order").fetchone()[0] or 0
    return f"S{last + 1:05d}"


def _lines(env, model, ids) -> dict:
    counts = dict.fromkeys(ids, 0)
    counts.update(row for row in env.db.execute(
        "SELECT order_id, count(*) FROM sale_order_line GROUP BY order_id")
        if row[0] in counts)
    return counts


def declare(v: int) -> list[Model]:
    kinds = [("line_section", "Section"), ("line_note", "Note")]
    uom = "product_uom_id" if v >= 19 else "product_uom"
    return _products(v) + [
        Model("crm.team", "Sales Team", [
            f.char("name", "Sales Team", required=True, translate=True),
            f.integer("sequence", default=10),
            f.boolean("active", default=True),
            f.many2one("user_id", "res.users", "Team Leader"),
        ], order="sequence", module="sales_team",
            access={"base.group_user": "r", "sales_team.group_sale_manager": "rwcu"}),
        Model("crm.tag", "CRM Tag", [
            f.char("name", "Tag Name", required=True, translate=True),
            f.integer("color", "Color"),
        ], order="id", module="sales_team", unique=[
            (("name",), "Tag name already exists !", "crm_tag_name_uniq")],
            access={"base.group_user": "r", "sales_team.group_sale_salesman": "rwcu"}),
        _order(v),
        Model("sale.order.line", "Sales Order Line", [
            f.many2one("order_id", "sale.order", "Order Reference", required=True,
                       ondelete="cascade", index=True, copy=False),
            f.text("name", "Description", required=True),
            f.integer("sequence", default=10),
            f.many2one("product_id", "product.product", "Product", ondelete="restrict"),
            f.many2one(uom, "uom.uom", "Unit of Measure", default=1),
            f.float_("product_uom_qty", "Quantity", digits=(16, 2), required=True,
                     default=1.0),
            f.float_("price_unit", "Unit Price", digits=(16, 2), required=True, default=0.0),
            f.float_("discount", "Discount (%)", digits=(16, 2), default=0.0),
            f.float_("qty_delivered", "Delivered Quantity", digits=(16, 2), default=0.0),
            f.selection("display_type", kinds, "Display Type"),
            f.many2one("currency_id", "res.currency", "Currency",
                       related="order_id.currency_id", store=True),
            f.many2one("company_id", "res.company", "Company",
                       related="order_id.company_id", store=True),
            f.many2one("order_partner_id", "res.partner", "Customer",
                       related="order_id.partner_id", store=True, index=True),
            f.selection("state", [("draft", "Quotation"), ("sale", "Sales Order")],
                        "Order Status", related="order_id.state"),
            f.monetary("price_subtotal", "Subtotal", currency="currency_id",
                       compute_stored=True),
            f.monetary("price_tax", "Total Tax", currency="currency_id",
                       compute_stored=True),
            f.monetary("price_total", "Total", currency="currency_id", compute_stored=True),
        ], order="order_id, sequence, id", module="sale",
            name_sql="(SELECT o.name FROM sale_order o WHERE o.id = t.order_id) || ' - ' || "
                     "t.name", name_search=("name",),
            access={"sales_team.group_sale_salesman": "rwcu", "base.group_portal": "r"}),
        Model("sale.report", "Sales Analysis Report", [
            f.char("name", "Order Reference", readonly=True),
            f.datetime("date", "Order Date", readonly=True),
            f.many2one("partner_id", "res.partner", "Customer", readonly=True),
            f.many2one("product_id", "product.product", "Product Variant", readonly=True),
            f.float_("price_total", "Total", readonly=True),
            f.float_("product_uom_qty", "Qty Ordered", readonly=True),
        ], order="date desc", log_access=False, module="sale",
            access={"sales_team.group_sale_salesman": "r"},
            view="SELECT l.id AS id, o.name AS name, o.date_order AS date, "
                 "o.partner_id AS partner_id, l.product_id AS product_id, "
                 "l.price_total AS price_total, l.product_uom_qty AS product_uom_qty "
                 "FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id "
                 "WHERE l.display_type IS NULL"),
    ]
