/* SPDX-License-Identifier: MIT */
/* The grammar of paths: what is a view, what isn't, and why. */
#include "unit.h"

#include "view_unit.h"

#include "odoo/cleanup.h"

#include <errno.h>

static void is(const char *path, enum view_kind kind, uint32_t number)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct chain chain;
	int r = chain_walk(&chain, path, &error);

	if (r < 0) {
		fail_msg("%s: %d, %s", path, r, error.message ? error.message : "no sentence");
	}
	assert_int_equal(chain_last(&chain)->kind, kind);
	assert_int_equal(chain_last(&chain)->number, number);
	chain_finish(&chain);
}

static void refused(const char *path, int r, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct chain chain;

	if (chain_walk(&chain, path, &error) != r) {
		fail_msg("%s isn't refused with %d", path, r);
	}
	if (why) {
		assert_non_null(error.message);
		assert_contains(error.message, why);
	} else {
		assert_null(error.message);
	}
	chain_finish(&chain);
}

static void words_lead_to_views(void **state)
{
	is("", VIEW_MODEL, 0);
	is(".filter", VIEW_FILTER, 0);
	is(".filter/state", VIEW_FIELD, 0);
	is(".filter/state/sale", VIEW_ROWS, 0);
	is(".filter/state/.not-in", VIEW_OPERATOR, OPERATOR_NOT_IN);
	is(".filter/state/.not-in/a,b", VIEW_ROWS, 0);
	is(".filter/partner_id.country_id.code/BE", VIEW_ROWS, 0);
	is(".by/state/sale", VIEW_ROWS, 0);
	is(".domain/[('a','=','b%2Fc')]", VIEW_ROWS, 0);
	is(".name/Azure", VIEW_ROWS, 0);
	is(".order/a,b.desc,c.asc", VIEW_ROWS, 0);
	is(".first/10", VIEW_ROWS, 10);
	is(".offset/0", VIEW_ROWS, 0);
	is(".last/2147483647", VIEW_ROWS, 2147483647);
	is(".sample/3", VIEW_ROWS, 3);
	is(".columns/name,state", VIEW_ROWS, 0);
	is(".columns/name,state/14.json", VIEW_RECORD, 14);
	is(".info/schema.json", VIEW_INFO_FILE, INFO_SCHEMA);
	is(".export/csv", VIEW_EXPORT_FILE, EXPORT_CSV);
	is(".names/Azure Interior (14).json", VIEW_LINK, 14);
	is(".names/Azure (Interior) (14).image_1920.png", VIEW_LINK, 14);
	is(".call/action_confirm", VIEW_METHOD, 0);
}

static void chains_go_on(void **state)
{
	is(".filter/state/sale/.order/amount_total.desc/.first/10/.columns/name,amount_total/"
	   ".export/csv",
		VIEW_EXPORT_FILE, EXPORT_CSV);
	is(".columns/name/.filter/state/sale/.by/name/x/.domain/[]/.name/y/.order/id/.offset/5"
	   "/.first/3/.last/2/.sample/1/.info/count",
		VIEW_INFO_FILE, INFO_COUNT);
	is(".first/10/.columns/name/3.json", VIEW_RECORD, 3);
	is(".filter/name/%2Ehidden", VIEW_ROWS, 0);
}

static void what_has_no_meaning_is_told(void **state)
{
	refused(".first/10/.filter", -ENOENT, ".filter stands before .first");
	refused(".sample/10/.by", -ENOENT, ".by stands before .first");
	refused(".offset/1/.domain", -ENOENT, ".domain stands before");
	refused(".last/1/.order", -ENOENT, ".order stands before");
	refused(".order/a/.order", -ENOENT, ".order can be there once");
	refused(".columns/a/.columns", -ENOENT, ".columns can be there once");
	refused(".name/a/.name", -ENOENT, ".name can be there once");
	refused(".filter/a/b/.call", -ENOENT, ".call is in the model's own directory");
	refused(".odoofs", -ENOENT, NULL);
	refused(".14.json.swp", -ENOENT, NULL);
	refused(".fliter", -ENOENT, "the nearest is \".filter\"");
	refused("14.json", -ENOENT, NULL);
	refused(".filter/a/b/14.json", -ENOENT, NULL);
	refused(".columns/a/x.json", -ENOENT, NULL);
	refused(".export/csv/x", -ENOTDIR, NULL);
}

static void wrong_names_are_told(void **state)
{
	refused(".filter/Ä", -ENOENT, "isn't the name of a field");
	refused(".filter/a..b", -ENOENT, "isn't the name of a field");
	refused(".filter/.a", -ENOENT, "isn't the name of a field");
	refused(".filter/a.", -ENOENT, "isn't the name of a field");
	refused(".filter/1a", -ENOENT, "isn't the name of a field");
	refused(".by/a.b", -ENOENT, ".filter/a.b goes further");
	refused(".filter/a/.equals", -ENOENT, "there is no \".equals\" in a: the nearest is \".eq");
	refused(".order/a,,b", -ENOENT, "isn't the name of a field");
	refused(".order/a,", -ENOENT, "isn't the name of a field");
	refused(".order/.desc", -ENOENT, "isn't the name of a field");
	refused(".order/a.b", -ENOENT, "isn't the name of a field");
	refused(".columns/a.desc", -ENOENT, "isn't the name of a field");
	refused(".info/fields", -ENOENT, "the nearest is \"fields.json\"");
	refused(".export/xlsx", -ENOENT, "there is no \"xlsx\" in .export");
	refused(".call/_write", -EACCES, "private");
	refused(".call/a.b", -ENOENT, "can't be the name of a method");
	refused(".names/14.json", -ENOENT, NULL);
	refused(".names/x (0).json", -ENOENT, NULL);
	refused(".names/x (99999999999).json", -ENOENT, NULL);
	refused(".names/(14).json", -ENOENT, NULL);
	refused(".names/x (14) .json", -ENOENT, NULL);
}

static void wrong_values_are_told(void **state)
{
	refused(".first/-1", -EINVAL, "\"-1\" isn't how many: a whole number from 1 to 2147483647");
	refused(".first/0", -EINVAL, "isn't how many");
	refused(".first/99999999999", -EINVAL, "isn't how many");
	refused(".first/18446744073709551617", -EINVAL, "isn't how many");
	refused(".last/1.5", -EINVAL, "isn't how many");
	refused(".offset/ 1", -EINVAL, "isn't how many");
	refused(".sample/1x", -EINVAL, "isn't how many");
	refused(".filter/a/50%", -EINVAL, "byte 3: \"%\" without");
	refused(".filter/a/\xff", -EINVAL, "isn't UTF-8");
	refused(".name/%00", -EINVAL, "NUL");
	refused(".domain/[('a','=',uid)]", -EINVAL, "byte 11: a word");
	refused(".domain/x", -EINVAL, "byte 1:");
}

static void a_chain_has_an_end(void **state)
{
	char path[8192] = "";

	for (int i = 0; i < 128; i++) {
		strcat(path, ".filter/a/b/");
	}
	refused(path, -EINVAL, "the path is too long");
}

static void chains_know_their_rows(void **state)
{
	struct chain chain;

	assert_int_equal(chain_walk(&chain, ".filter/a/b/.columns/c,d/.first/3/.export", NULL), 0);
	assert_ptr_equal(view_rows(chain_last(&chain)), chain.views[7]);
	assert_ptr_equal(view_chooser(chain_last(&chain)), chain.views[7]);
	assert_ptr_equal(view_chooser(chain.views[5]), chain.views[3]);
	assert_string_equal(view_columns(chain_last(&chain)), "c,d");
	assert_null(view_columns(chain.views[3]));
	chain_finish(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_lead_to_views),
		cmocka_unit_test(chains_go_on),
		cmocka_unit_test(what_has_no_meaning_is_told),
		cmocka_unit_test(wrong_names_are_told),
		cmocka_unit_test(wrong_values_are_told),
		cmocka_unit_test(a_chain_has_an_end),
		cmocka_unit_test(chains_know_their_rows),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
