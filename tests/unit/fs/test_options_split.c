/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/options_split.h"

/* `expected` are the settings with '|' behind each. */
static void check(const char *text, const char *expected)
{
	char joined[1000] = "";
	const char *at = text;
	char *setting;
	int r;

	while ((r = options_split_next(&at, &setting)) > 0) {
		strcat(joined, setting);
		strcat(joined, "|");
		free(setting);
	}
	assert_int_equal(r, 0);
	assert_string_equal(joined, expected);
}

static void plain(void **state)
{
	check("", "");
	check(",,", "");
	check("ro", "ro|");
	check("ro,,backup,", "ro|backup|");
	check("ttl=5,fields=all", "ttl=5|fields=all|");
	check("cacert=/a\\,b,ro", "cacert=/a,b|ro|");
	check("cacert=/a\\\\,ro", "cacert=/a\\|ro|");
	check("cacert=/a\\b,ro", "cacert=/a\\b|ro|");
	check("ttl=", "ttl=|");
}

static void models(void **state)
{
	check("models=res.*,sale.order,ro", "models=res.*:sale.order|ro|");
	check("models=res.*:sale.order,ro", "models=res.*:sale.order|ro|");
	check("models=a\\,b,ro", "models=a,b|ro|");
	check("models=x_a,x_b,backup,ttl=5", "models=x_a:x_b|backup|ttl=5|");
	check("models=res.*,res.[uv]ser,s?le", "models=res.*:res.[uv]ser:s?le|");
	check("ttl=5,models=a.b,c.d,models=e.f,,g.h", "ttl=5|models=a.b:c.d|models=e.f|g.h|");
	check("models=a.b,x-systemd.automount,_netdev", "models=a.b|x-systemd.automount|_netdev|");
	check("models=a.b,context=x.y", "models=a.b|context=x.y|");
	/* A mistyped option isn't taken for a model. */
	check("models=res.*,backp", "models=res.*|backp|");
	check("models=res.*,alow_other", "models=res.*|alow_other|");
	/* Nor does a model stand alone. */
	check("ro,sale.order", "ro|sale.order|");
}

static void companies(void **state)
{
	check("company=1,3,ro", "company=1:3|ro|");
	check("company=1,3,5", "company=1:3:5|");
	check("company=1,3x,ro", "company=1|3x|ro|");
	check("company=1:3,ttl=5", "company=1:3|ttl=5|");
	check("company=,3", "company=:3|");
}

static void contexts(void **state)
{
	check("context={\"a\":1,\"b\":2},ro", "context={\"a\":1,\"b\":2}|ro|");
	check("odoo_context={\"a\":1,\"b\":2},ro", "odoo_context={\"a\":1,\"b\":2}|ro|");
	check("context={\"a\":[1,2],\"b\":{\"c\":\"}],\"}},ro",
		"context={\"a\":[1,2],\"b\":{\"c\":\"}],\"}}|ro|");
	check("context={\"a\":\"\\\"},\"},ro", "context={\"a\":\"\\\"},\"}|ro|");
	check("context={\"a\":\"\\\\\",\"b\":2},ro", "context={\"a\":\"\\\\\",\"b\":2}|ro|");
	check("context={\"a\":1\\,\"b\":\"x\\,y\"},ro", "context={\"a\":1,\"b\":\"x,y\"}|ro|");
	check("context={},ro", "context={}|ro|");
	check("context={}x,ro", "context={}x|ro|");
	check("context=[1,2]", "context=[1|2]|");
	/* One that doesn't end is refused as a whole. */
	check("context={\"a\":1,ro", "context={\"a\":1,ro|");
	check("context={\"a\\", "context={\"a\\|");
	check("context={\"a\":1}},ro", "context={\"a\":1}}|ro|");
	check("context=,ro", "context=|ro|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(models),
		cmocka_unit_test(companies),
		cmocka_unit_test(contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
