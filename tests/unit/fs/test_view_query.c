/* SPDX-License-Identifier: MIT */
/* From chains to questions: domains, orders and pages, by the fields' types. */
#include "unit.h"

#include "view_unit.h"

#include "odoo/cleanup.h"

#include <errno.h>

/* A rows spec as text: the domain, and what else there is. */
static char *describe(const struct cache_rows_spec *spec)
{
	_cleanup_json_text_ char *domain = cJSON_PrintUnformatted(spec->domain);
	static const char *const kinds[] = { "first", "last", "offset", "sample" };
	char *text = malloc(strlen(domain) + 1000), *end = stpcpy(text, domain);

	end += spec->name ? sprintf(end, " name=%s", spec->name) : 0;
	end += spec->order ? sprintf(end, " order=%s", spec->order) : 0;
	end += spec->offset ? sprintf(end, " offset=%u", spec->offset) : 0;
	end += spec->limited ? sprintf(end, " limit=%u", spec->limit) : 0;
	end += spec->reversed ? sprintf(end, " reversed") : 0;
	for (size_t i = 0; i < spec->n_slices; i++) {
		end += sprintf(end, " %s(%u)", kinds[spec->slices[i].kind], spec->slices[i].n);
	}
	return text;
}

/* Returns an errno, and what a chain asks or why it can't. */
static int ask(const char *path, char **ret_text)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct cache_rows_spec spec = { 0 };
	int64_t until;
	struct chain chain;
	int r = chain_walk(&chain, path, &error);

	if (r == 0) {
		r = view_query_rows(chain_last(&chain), &view_unit_schemas, VIEW_UNIT_NOW, &spec,
			&until, &error);
	}
	*ret_text = r == 0 ? describe(&spec) : strdup(error.message ? error.message : "");
	cache_rows_spec_finish(&spec);
	chain_finish(&chain);
	return r;
}

static void asks(const char *path, const char *expected)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(ask(path, &text), 0);
	assert_string_equal(text, expected);
}

static void refused(const char *path, int r, const char *why)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(ask(path, &text), r);
	assert_contains(text, why);
}

static void values_go_by_type(void **state)
{
	asks("", "[]");
	asks(".filter/state/sale", "[[\"state\",\"=\",\"sale\"]]");
	asks(".filter/state/false", "[[\"state\",\"=\",false]]");
	asks(".filter/name/S00012", "[[\"name\",\"=\",\"S00012\"]]");
	asks(".filter/name/14", "[[\"name\",\"=\",\"14\"]]");
	asks(".filter/name/a%2Fb", "[[\"name\",\"=\",\"a/b\"]]");
	asks(".filter/name/false", "[[\"name\",\"=\",false]]");
	asks(".filter/name/%66alse", "[[\"name\",\"=\",\"false\"]]");
	asks(".filter/locked/true", "[[\"locked\",\"=\",true]]");
	asks(".filter/locked/.ne/yes", "[[\"locked\",\"!=\",true]]");
	asks(".filter/locked/0", "[[\"locked\",\"=\",false]]");
	asks(".filter/sequence/-5", "[[\"sequence\",\"=\",-5]]");
	asks(".filter/id/.gt/7", "[[\"id\",\">\",7]]");
	asks(".filter/amount_total/.ge/1500.50", "[[\"amount_total\",\">=\",1500.5]]");
	asks(".filter/partner_id/14", "[[\"partner_id\",\"=\",14]]");
	asks(".filter/partner_id/Azure Interior", "[[\"partner_id\",\"=\",\"Azure Interior\"]]");
	asks(".filter/partner_id/false", "[[\"partner_id\",\"=\",false]]");
	asks(".filter/partner_id/%314", "[[\"partner_id\",\"=\",\"14\"]]");
	asks(".filter/tag_ids/3", "[[\"tag_ids\",\"=\",3]]");
	asks(".filter/source/res.partner,14", "[[\"source\",\"=\",\"res.partner,14\"]]");
	asks(".filter/signature/false", "[[\"signature\",\"=\",false]]");
	asks(".filter/signature/.ne/false", "[[\"signature\",\"!=\",false]]");
	asks(".filter/partner_id.country_id.code/BE",
		"[[\"partner_id.country_id.code\",\"=\",\"BE\"]]");
	asks(".filter/partner_id.id/.in/1,2", "[[\"partner_id.id\",\"in\",[1,2]]]");
}

static void operators_are_odoos(void **state)
{
	asks(".filter/name/.ilike/a%25b", "[[\"name\",\"ilike\",\"a%b\"]]");
	asks(".filter/name/.not-like/false", "[[\"name\",\"not like\",\"false\"]]");
	asks(".filter/name/.eq-ilike/S%25", "[[\"name\",\"=ilike\",\"S%\"]]");
	asks(".filter/state/.like/dr", "[[\"state\",\"like\",\"dr\"]]");
	asks(".filter/state/.in/draft,sale", "[[\"state\",\"in\",[\"draft\",\"sale\"]]]");
	asks(".filter/state/.not-in/draft", "[[\"state\",\"not in\",[\"draft\"]]]");
	asks(".filter/id/.in/1,2,3", "[[\"id\",\"in\",[1,2,3]]]");
	asks(".filter/name/.in/a%2Cb,c", "[[\"name\",\"in\",[\"a,b\",\"c\"]]]");
	asks(".filter/partner_id/.in/14,false", "[[\"partner_id\",\"in\",[14,false]]]");
	asks(".filter/partner_id/.in/14,Azure",
		"[\"|\",[\"partner_id\",\"=\",14],[\"partner_id\",\"=\",\"Azure\"]]");
	asks(".filter/partner_id/.not-in/14,Azure,3",
		"[\"&\",\"&\",[\"partner_id\",\"!=\",14],[\"partner_id\",\"!=\",\"Azure\"],"
		"[\"partner_id\",\"!=\",3]]");
	asks(".filter/partner_id/.child-of/14", "[[\"partner_id\",\"child_of\",14]]");
	asks(".filter/id/.child-of/14", "[[\"id\",\"child_of\",14]]");
}

static void dates_are_spans_of_time(void **state)
{
	asks(".filter/date_order/2026-11", "[\"&\",[\"date_order\",\">=\",\"2026-11-01 00:00:00\"],"
					   "[\"date_order\",\"<\",\"2026-12-01 00:00:00\"]]");
	asks(".filter/validity_date/2026", "[\"&\",[\"validity_date\",\">=\",\"2026-01-01\"],"
					   "[\"validity_date\",\"<\",\"2027-01-01\"]]");
	asks(".filter/date_order/2026-11-20 08:12:44",
		"[\"&\",[\"date_order\",\">=\",\"2026-11-20 08:12:44\"],"
		"[\"date_order\",\"<\",\"2026-11-20 08:12:45\"]]");
	asks(".filter/date_order/2026-11-20T08:59",
		"[\"&\",[\"date_order\",\">=\",\"2026-11-20 08:59:00\"],"
		"[\"date_order\",\"<\",\"2026-11-20 09:00:00\"]]");
	asks(".filter/date_order/.gt/2026-12-31",
		"[[\"date_order\",\">=\",\"2027-01-01 00:00:00\"]]");
	asks(".filter/date_order/.ge/2026", "[[\"date_order\",\">=\",\"2026-01-01 00:00:00\"]]");
	asks(".filter/date_order/.lt/2026", "[[\"date_order\",\"<\",\"2026-01-01 00:00:00\"]]");
	asks(".filter/date_order/.le/2026", "[[\"date_order\",\"<\",\"2027-01-01 00:00:00\"]]");
	asks(".filter/validity_date/.ne/2026-02",
		"[\"|\",\"|\",[\"validity_date\",\"<\",\"2026-02-01\"],"
		"[\"validity_date\",\">=\",\"2026-03-01\"],[\"validity_date\",\"=\",false]]");
	asks(".filter/validity_date/.in/2024-02-29,false",
		"[\"|\",\"&\",[\"validity_date\",\">=\",\"2024-02-29\"],"
		"[\"validity_date\",\"<\",\"2024-03-01\"],[\"validity_date\",\"=\",false]]");
	asks(".filter/validity_date/.ne/false", "[[\"validity_date\",\"!=\",false]]");
	asks(".filter/validity_date/.ge/9999", "[[\"validity_date\",\">=\",\"9999-01-01\"]]");
	asks(".filter/validity_date/.gt/9999", "[[\"validity_date\",\">=\",\"9999-12-31\"]]");
}

static void dates_may_count_from_today(void **state)
{
	asks(".filter/validity_date/.ge/today", "[[\"validity_date\",\">=\",\"2026-11-20\"]]");
	asks(".filter/date_order/.ge/-7d", "[[\"date_order\",\">=\",\"2026-11-13 00:00:00\"]]");
	asks(".filter/date_order/.lt/+2w", "[[\"date_order\",\"<\",\"2026-12-04 00:00:00\"]]");
	asks(".filter/date_order/.ge/-9m", "[[\"date_order\",\">=\",\"2026-02-20 00:00:00\"]]");
	asks(".filter/date_order/.ge/-1y", "[[\"date_order\",\">=\",\"2025-11-20 00:00:00\"]]");
	asks(".filter/validity_date/.ge/+0d", "[[\"validity_date\",\">=\",\"2026-11-20\"]]");
	refused(".filter/validity_date/-9999y", -EINVAL, "isn't a date");
	refused(".filter/validity_date/-d", -EINVAL, "isn't a date");
	refused(".filter/validity_date/-1h", -EINVAL, "isn't a date");
}

static void listed_values_are_taken(void **state)
{
	asks(".by/partner_id/Azure Interior (14)", "[[\"partner_id\",\"=\",14]]");
	asks(".by/partner_id/14", "[[\"partner_id\",\"=\",14]]");
	asks(".by/partner_id/Azure", "[[\"partner_id\",\"=\",\"Azure\"]]");
	asks(".by/partner_id/Azure (old)", "[[\"partner_id\",\"=\",\"Azure (old)\"]]");
	asks(".filter/partner_id/Azure (14)", "[[\"partner_id\",\"=\",\"Azure (14)\"]]");
	asks(".by/state/draft (Quotation)", "[[\"state\",\"=\",\"draft\"]]");
	asks(".by/state/draft", "[[\"state\",\"=\",\"draft\"]]");
	asks(".by/state/odd (key)", "[[\"state\",\"=\",\"odd (key)\"]]");
	refused(".filter/state/draft (Quotation)", -EINVAL, "isn't one of its values");
}

static void chains_are_one_question(void **state)
{
	asks(".filter/state/sale/.domain/['|',('name','=','a'),('name','=','b')]/.filter/locked/1",
		"[[\"state\",\"=\",\"sale\"],\"|\",[\"name\",\"=\",\"a\"],[\"name\",\"=\",\"b\"],"
		"[\"locked\",\"=\",true]]");
	asks(".filter/state/sale/.order/amount_total.desc/.first/10",
		"[[\"state\",\"=\",\"sale\"]] order=amount_total desc, id limit=10");
	asks(".order/name,state.desc", "[] order=name, state desc, id");
	asks(".order/id", "[]");
	asks(".order/id.desc", "[] order=id desc");
	asks(".order/name,id.desc,state", "[] order=name, id desc");
	asks(".name/Azure", "[] name=Azure");
}

static void pages_are_folded(void **state)
{
	asks(".first/10", "[] limit=10");
	asks(".offset/5/.first/10", "[] offset=5 limit=10");
	asks(".first/10/.offset/4", "[] offset=4 limit=6");
	asks(".first/10/.offset/40", "[] offset=40 limit=0");
	asks(".first/10/.first/3/.first/5", "[] limit=3");
	asks(".last/10", "[] order=id desc limit=10 reversed");
	asks(".order/name,state.desc/.last/10",
		"[] order=name desc, state, id desc limit=10 reversed");
	asks(".last/10/.first/2", "[] order=id desc limit=10 reversed first(2)");
	asks(".first/10/.last/2/.offset/1", "[] limit=10 last(2) offset(1)");
	asks(".sample/5/.first/2", "[] sample(5) first(2)");
	asks(".offset/2147483647/.offset/1", "[] offset=2147483647 offset(1)");
}

static void wrong_fields_are_told(void **state)
{
	refused(".filter/stat/sale", -ENOENT,
		"sale.order has no field \"stat\": the nearest is \"state\"");
	refused(".order/nam", -ENOENT, "has no field \"nam\"");
	refused(".filter/partner_id.nam/x", -ENOENT, "res.partner has no field \"nam\"");
	refused(".filter/name.x/y", -ENOENT, "name.x: \"name\" of sale.order isn't a relation");
	refused(".filter/id.x/y", -ENOENT, "isn't a relation");
	refused(".filter/secret_id.name/y", -ENOENT,
		"leads to not.shown, which this mount doesn't");
	refused(".filter/count/1", -EINVAL, "count is computed");
	refused(".order/signature", -EINVAL, "can't order by it");
	refused(".filter/properties/x", -EINVAL, "use .domain/");
}

static void wrong_values_are_told(void **state)
{
	refused(".filter/state/sold", -EINVAL,
		"state: \"sold\" isn't one of its values, which are draft, sale, odd (key)");
	refused(".filter/locked/maybe", -EINVAL, "isn't true or false");
	refused(".filter/sequence/1.5", -EINVAL, "isn't a whole number below 2^31");
	refused(".filter/sequence/2147483648", -EINVAL, "isn't a whole number");
	refused(".filter/sequence/-", -EINVAL, "isn't a whole number");
	refused(".filter/id/x", -EINVAL, "id: \"x\" isn't a whole number");
	refused(".filter/amount_total/much", -EINVAL, "isn't a number");
	refused(".filter/amount_total/1e999", -EINVAL, "isn't a number");
	refused(".filter/amount_total/1-2", -EINVAL, "isn't a number");
	refused(".filter/partner_id/0", -EINVAL, "ids begin with 1");
	refused(".filter/partner_id/-3", -EINVAL, "ids begin with 1");
	refused(".filter/source/x", -EINVAL, "isn't a model and an id");
	refused(".filter/signature/x", -EINVAL, "can't be compared");
	refused(".filter/date_order/2026-13", -EINVAL, "isn't a time: 2026, 2026-11");
	refused(".filter/date_order/2026-02-30", -EINVAL, "isn't a time");
	refused(".filter/validity_date/2026-02-20 10:00", -EINVAL, "isn't a date");
	refused(".filter/validity_date/.lt/false", -EINVAL, "nothing comes before or after false");
	refused(".filter/state/.gt/draft", -EINVAL, "\">\" doesn't apply to a field of its type");
	refused(".filter/sequence/.ilike/1", -EINVAL, "\"ilike\" doesn't apply");
	refused(".filter/name/.child-of/1", -EINVAL, "\"child_of\" doesn't apply");
	refused(".filter/id/.in/1,,2", -EINVAL, "a value is missing beside a comma");
	refused(".filter/id/.in/1,x", -EINVAL, "\"x\" isn't a whole number");
}

static void columns_are_looked_up(void **state)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const struct cache_field **fields = NULL;
	struct chain chain;
	size_t n;

	assert_int_equal(chain_walk(&chain, ".columns/name,state,name,id/.first/2", NULL), 0);
	assert_int_equal(
		view_query_columns(chain_last(&chain), &view_unit_schemas, &fields, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_string_equal(fields[0]->name, "name");
	assert_string_equal(fields[2]->name, "id");
	free(fields);
	chain_finish(&chain);
	assert_int_equal(chain_walk(&chain, ".columns/name,signature", NULL), 0);
	assert_int_equal(
		view_query_columns(chain_last(&chain), &view_unit_schemas, &fields, &n, &error),
		-EINVAL);
	chain_finish(&chain);
	assert_int_equal(chain_walk(&chain, ".first/2", NULL), 0);
	assert_int_equal(
		view_query_columns(chain_last(&chain), &view_unit_schemas, &fields, &n, NULL), 0);
	assert_int_equal(n, 0);
	free(fields);
	chain_finish(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_by_type),
		cmocka_unit_test(operators_are_odoos),
		cmocka_unit_test(dates_are_spans_of_time),
		cmocka_unit_test(dates_may_count_from_today),
		cmocka_unit_test(listed_values_are_taken),
		cmocka_unit_test(chains_are_one_question),
		cmocka_unit_test(pages_are_folded),
		cmocka_unit_test(wrong_fields_are_told),
		cmocka_unit_test(wrong_values_are_told),
		cmocka_unit_test(columns_are_looked_up),
	};

	return cmocka_run_group_tests_name(
		"view_query", tests, view_unit_set_up, view_unit_tear_down);
}
