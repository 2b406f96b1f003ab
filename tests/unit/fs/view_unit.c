/* SPDX-License-Identifier: MIT */
#include "view_unit.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

static const char order_fields[] =
	"{\"state\": {\"type\": \"selection\", \"store\": true, \"selection\": [[\"draft\", "
	"\"Quotation\"], [\"sale\", \"Sales Order\"], [\"odd (key)\", \"Odd\"]]},"
	"\"name\": {\"type\": \"char\", \"store\": true},"
	"\"partner_id\": {\"type\": \"many2one\", \"store\": true, \"relation\": \"res.partner\"},"
	"\"secret_id\": {\"type\": \"many2one\", \"store\": true, \"relation\": \"not.shown\"},"
	"\"tag_ids\": {\"type\": \"many2many\", \"store\": true, \"relation\": \"crm.tag\", "
	"\"sortable\": false},"
	"\"amount_total\": {\"type\": \"monetary\", \"store\": true},"
	"\"sequence\": {\"type\": \"integer\", \"store\": true},"
	"\"locked\": {\"type\": \"boolean\", \"store\": true},"
	"\"date_order\": {\"type\": \"datetime\", \"store\": true},"
	"\"validity_date\": {\"type\": \"date\", \"store\": true},"
	"\"source\": {\"type\": \"reference\", \"store\": true},"
	"\"signature\": {\"type\": \"binary\", \"store\": true, \"sortable\": false},"
	"\"properties\": {\"type\": \"properties\", \"store\": true},"
	"\"count\": {\"type\": \"integer\", \"store\": false, \"searchable\": false}}";
static const char partner_fields[] =
	"{\"country_id\": {\"type\": \"many2one\", \"store\": true, \"relation\": \"res.country\"},"
	"\"name\": {\"type\": \"char\", \"store\": true}}";
static const char country_fields[] = "{\"code\": {\"type\": \"char\", \"store\": true}}";

static struct {
	const char *model, *fields;
	struct cache_schema *schema;
} models[] = {
	{ "sale.order", order_fields, NULL },
	{ "res.partner", partner_fields, NULL },
	{ "res.country", country_fields, NULL },
};

#define N_MODELS (sizeof(models) / sizeof(models[0]))

static int get(void *data, const char *model, const struct cache_schema **ret_schema)
{
	for (size_t i = 0; i < N_MODELS; i++) {
		if (strcmp(models[i].model, model) == 0) {
			*ret_schema = models[i].schema;
			return 0;
		}
	}
	return -ENOENT;
}

const struct view_schemas view_unit_schemas = { .model = "sale.order", .get = get };

int view_unit_set_up(void **state)
{
	for (size_t i = 0; i < N_MODELS; i++) {
		_cleanup_json_ cJSON *fields = cJSON_Parse(models[i].fields);

		if (cache_schema_parse(fields, &models[i].schema, NULL) < 0) {
			return -1;
		}
	}
	return 0;
}

int view_unit_tear_down(void **state)
{
	for (size_t i = 0; i < N_MODELS; i++) {
		cache_schema_destroy(models[i].schema);
	}
	return 0;
}

int chain_walk(struct chain *chain, const char *path, struct odoo_error *error)
{
	_cleanup_free_ char *copy = strdup(path);
	char *rest = copy, *segment;
	int r = 0;

	chain->views[0] = view_create_root();
	chain->n = 1;
	while ((segment = strsep(&rest, "/"))) {
		if (!*segment) {
			continue;
		}
		r = view_step(chain_last(chain), segment, &chain->views[chain->n], error);
		if (r < 0) {
			break;
		}
		chain->n++;
	}
	return r;
}

void chain_finish(struct chain *chain)
{
	while (chain->n) {
		view_destroy(chain->views[--chain->n]);
	}
}
