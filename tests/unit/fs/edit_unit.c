/* SPDX-License-Identifier: MIT */
#include "edit_unit.h"

#include "fs/render.h"

/* Every type, and what a field may be besides. */
static const char fields[] =
	"{\"active\": {\"type\": \"boolean\", \"store\": true},"
	"\"amount_total\": {\"type\": \"monetary\", \"readonly\": true, \"store\": true},"
	"\"body\": {\"type\": \"html\"},"
	"\"category_ids\": {\"type\": \"many2many\", \"relation\": \"res.partner.category\"},"
	"\"client_ref\": {\"type\": \"char\", \"size\": 8},"
	"\"color\": {\"type\": \"integer\"},"
	"\"country_id\": {\"type\": \"many2one\", \"relation\": \"res.country\"},"
	"\"create_date\": {\"type\": \"datetime\", \"readonly\": true, \"store\": true},"
	"\"create_uid\": {\"type\": \"many2one\", \"relation\": \"res.users\"},"
	"\"date\": {\"type\": \"date\"},"
	"\"date_order\": {\"type\": \"datetime\", \"readonly\": true,"
	"  \"states\": {\"draft\": [[\"readonly\", false]], \"sent\": [[\"required\", true],"
	"  [\"readonly\", false]], \"done\": [[\"readonly\", true]]}},"
	"\"discount\": {\"type\": \"monetary\"},"
	"\"display_name\": {\"type\": \"char\", \"readonly\": true},"
	"\"extra\": {\"type\": \"json\"},"
	"\"hologram\": {\"type\": \"hologram\"},"
	"\"image\": {\"type\": \"binary\"},"
	"\"invoice_ids\": {\"type\": \"many2many\", \"relation\": \"account.move\","
	"  \"readonly\": true},"
	"\"level\": {\"type\": \"selection\", \"selection\": [[1, \"Low\"], [2, \"High\"]]},"
	"\"loose\": {\"type\": \"selection\"},"
	"\"name\": {\"type\": \"char\", \"required\": true},"
	"\"note\": {\"type\": \"text\"},"
	"\"order_line\": {\"type\": \"one2many\", \"relation\": \"sale.order.line\","
	"  \"relation_field\": \"order_id\"},"
	"\"origin\": {\"type\": \"reference\", \"selection\": [[\"res.partner\", \"Contact\"],"
	"  [\"crm.lead\", \"Lead\"]]},"
	"\"parent_id\": {\"type\": \"many2one\", \"relation\": \"sale.order\"},"
	"\"pricelist\": {\"type\": \"char\", \"states\": {\"draft\": [[\"readonly\", true]]}},"
	"\"prop_def\": {\"type\": \"properties_definition\"},"
	"\"props\": {\"type\": \"properties\"},"
	"\"res_id\": {\"type\": \"many2one_reference\"},"
	"\"state\": {\"type\": \"selection\", \"selection\": [[\"draft\", \"Quotation\"],"
	"  [\"sent\", \"Sent\"], [\"done\", \"Locked\"]]},"
	"\"tz\": {\"type\": \"selection\", \"selection\": [[\"Africa/Abidjan\", \"\"],"
	"  [\"Africa/Accra\", \"\"], [\"Africa/Cairo\", \"\"], [\"America/Lima\", \"\"],"
	"  [\"Asia/Tokyo\", \"\"], [\"Europe/Berlin\", \"\"], [\"Europe/Brussels\", \"\"],"
	"  [\"Europe/Bucharest\", \"\"], [\"Europe/London\", \"\"], [\"Europe/Madrid\", \"\"],"
	"  [\"Europe/Paris\", \"\"], [\"Europe/Rome\", \"\"], [\"UTC\", \"\"], [\"Zulu\", \"\"]]},"
	"\"weight\": {\"type\": \"float\"},"
	"\"write_date\": {\"type\": \"datetime\", \"readonly\": true, \"store\": true}}";

static const char line_fields[] =
	"{\"name\": {\"type\": \"text\"},"
	"\"order_id\": {\"type\": \"many2one\", \"relation\": \"sale.order\"},"
	"\"price_subtotal\": {\"type\": \"monetary\", \"readonly\": true},"
	"\"price_unit\": {\"type\": \"float\"},"
	"\"product_id\": {\"type\": \"many2one\", \"relation\": \"product.product\"},"
	"\"props\": {\"type\": \"properties\"},"
	"\"qty\": {\"type\": \"float\", \"readonly\": true, \"states\": {\"draft\":"
	"  [[\"readonly\", false]]}},"
	"\"sub_ids\": {\"type\": \"one2many\", \"relation\": \"sale.order.line\"},"
	"\"tax_id\": {\"type\": \"many2many\", \"relation\": \"account.tax\"},"
	"\"write_date\": {\"type\": \"datetime\", \"readonly\": true}}";

const char edit_record[] =
	"{\"id\": 14, \"active\": true, \"amount_total\": 120.5, \"body\": \"<p>Hi</p>\","
	"\"category_ids\": [7, 3], \"client_ref\": \"A-1\", \"color\": 3,"
	"\"country_id\": [21, \"Belgium\"], \"create_date\": \"2026-11-01 10:00:00\","
	"\"create_uid\": [2, \"Administrator\"], \"date\": \"2026-11-20\","
	"\"date_order\": \"2026-11-20 08:12:44\", \"discount\": 0,"
	"\"display_name\": \"S00014\", \"extra\": {\"a\": [1, 2.5], \"b\": null},"
	"\"hologram\": \"x\", \"invoice_ids\": [9, 8], \"level\": 1, \"loose\": \"any\","
	"\"name\": \"S00014\","
	"\"note\": false, \"order_line\": [31, 32, 33], \"origin\": \"res.partner,7\","
	"\"parent_id\": false, \"pricelist\": \"Public\","
	"\"prop_def\": [{\"name\": \"a1\", \"type\": \"char\"}],"
	"\"props\": [{\"name\": \"a1\", \"type\": \"char\", \"string\": \"Colour\","
	"  \"value\": \"red\"},"
	" {\"name\": \"b2\", \"type\": \"many2one\", \"string\": \"Partner\","
	"  \"comodel\": \"res.partner\", \"value\": [7, \"Azure Interior\"]},"
	" {\"name\": \"c3\", \"type\": \"selection\", \"selection\": [[\"lo\", \"Low\"],"
	"  [\"hi\", \"High\"]], \"value\": false},"
	" {\"name\": \"d4\", \"type\": \"tags\", \"tags\": [[\"x\", \"X\", 1],"
	"  [\"y\", \"Y\", 2]], \"value\": [\"x\"]},"
	" {\"name\": \"e5\", \"type\": \"many2many\", \"comodel\": \"res.partner\","
	"  \"value\": [[3, \"A\"], [4, null]]},"
	" {\"name\": \"f6\", \"type\": \"integer\"}],"
	"\"res_id\": 0, \"state\": \"draft\", \"tz\": \"Europe/Brussels\", \"weight\": 2.5,"
	"\"write_date\": \"2026-11-20 08:12:44\"}";

struct cache_schema *edit_schema;
static struct cache_schema *line_schema;
char *edit_base;
static size_t base_size;

static int make_schema(const char *text, struct cache_schema **ret_schema)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(text);

	return cache_schema_parse(json, ret_schema, NULL);
}

int edit_set_up(void **state)
{
	_cleanup_json_ cJSON *record = cJSON_Parse(edit_record);
	const struct cache_field *field;

	if (make_schema(fields, &edit_schema) < 0 || make_schema(line_fields, &line_schema) < 0) {
		return -1;
	}
	return render_record(edit_schema, record, true, &edit_base, &base_size, &field, NULL);
}

int edit_tear_down(void **state)
{
	cache_schema_destroy(edit_schema);
	cache_schema_destroy(line_schema);
	free(edit_base);
	return 0;
}

static const struct cache_schema *schema_of(void *data, const char *model)
{
	return strcmp(model, "sale.order.line") == 0 ? line_schema : NULL;
}

struct edit_source edit_source_of(const char *text, bool create)
{
	return (struct edit_source){
		.schema = edit_schema,
		.id = create ? 0 : EDIT_ID,
		.base = create ? NULL : edit_base,
		.base_size = base_size,
		.text = text,
		.size = strlen(text),
		.schema_of = schema_of,
	};
}

struct edit *edit_good(const char *text, bool create)
{
	const struct edit_source source = edit_source_of(text, create);
	_cleanup_odoo_error_ struct odoo_error error;
	struct edit *edit = NULL;

	odoo_error_init(&error);
	int r = edit_parse(&source, &edit, &error);
	if (r != 0) {
		fail_msg("%s: %d: %s", text, r, error.message ? error.message : "");
	}
	assert_int_equal(error.fault, ODOO_FAULT_NONE);
	return edit;
}

void edit_gives(const char *text, bool create, const char *values)
{
	_cleanup_edit_ struct edit *edit = edit_good(text, create);
	_cleanup_json_ cJSON *taken = NULL;

	assert_int_equal(edit_take_values(edit, &taken), 0);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(taken);
	assert_string_equal(printed, values);
}

void edit_refuses(const char *text, bool create, const char *part)
{
	const struct edit_source source = edit_source_of(text, create);
	_cleanup_odoo_error_ struct odoo_error error;
	struct edit *edit = NULL;

	odoo_error_init(&error);
	if (edit_parse(&source, &edit, &error) != -EINVAL) {
		fail_msg("%s was taken", text);
	}
	assert_null(edit);
	assert_int_equal(odoo_error_errno(&error), -EINVAL);
	assert_contains(error.message, part);
}

static char *one_field(const char *field, const char *value)
{
	char *text = NULL;

	assert_true(asprintf(&text, "{\"id\": 14,\n\"%s\": %s}", field, value) > 0);
	return text;
}

static void gives(const char *field, const char *value, bool create, const char *sent)
{
	_cleanup_free_ char *text = one_field(field, value), *values = NULL;

	if (sent) {
		assert_true(asprintf(&values, "{\"%s\":%s}", field, sent) > 0);
	}
	edit_gives(text, create, sent ? values : "{}");
}

void writes(const char *field, const char *value, const char *sent)
{
	gives(field, value, false, sent);
}

void same(const char *field, const char *value)
{
	gives(field, value, false, NULL);
}

void creates(const char *field, const char *value, const char *sent)
{
	gives(field, value, true, sent);
}

void refused(const char *field, const char *value, const char *part)
{
	_cleanup_free_ char *text = one_field(field, value), *place = NULL;

	assert_true(asprintf(&place, "line 2: \"%s", field) > 0);
	edit_refuses(text, false, part);
	edit_refuses(text, false, place);
}
