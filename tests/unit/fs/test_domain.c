/* SPDX-License-Identifier: MIT */
/* Domains as people write them: what they become, and what is said of wrong ones. */
#include "unit.h"

#include "fs/domain.h"
#include "odoo/cleanup.h"

#include <errno.h>

/* What it becomes as JSON, or the sentence that refuses it. */
static char *parse_sized(const char *text, size_t size)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *domain = NULL;
	int r = domain_parse(text, size, &domain, &error);

	if (r < 0) {
		assert_int_equal(r, -EINVAL);
		assert_int_equal(error.fault, ODOO_FAULT_USER);
		assert_null(domain);
		return strdup(error.message);
	}
	assert_null(error.message);
	return cJSON_PrintUnformatted(domain);
}

static char *parse(const char *text)
{
	return parse_sized(text, strlen(text));
}

static void become(const char *text, const char *expected)
{
	_cleanup_free_ char *result = parse(text);

	assert_string_equal(result, expected);
}

static void refused(const char *text, const char *why)
{
	_cleanup_free_ char *result = parse(text);

	assert_contains(result, why);
}

static void python_and_json_are_read(void **state)
{
	become("[]", "[]");
	become("[('is_company','=',True)]", "[[\"is_company\",\"=\",true]]");
	become("[[\"is_company\", \"=\", true]]", "[[\"is_company\",\"=\",true]]");
	become(" ( ( 'a' , '!=' , None ) , ) ", "[[\"a\",\"!=\",null]]");
	become("['|',('a','=',1),('b','=',-2.5)]", "[\"|\",[\"a\",\"=\",1],[\"b\",\"=\",-2.5]]");
	become("['!',('a','in',[1,2,]),]", "[\"!\",[\"a\",\"in\",[1,2]]]");
	become("[('a','in',(1,))]", "[[\"a\",\"in\",[1]]]");
	become("[('a','=',(1))]", "[[\"a\",\"=\",1]]");
	become("[('a','=',())]", "[[\"a\",\"=\",[]]]");
	become("[(1,'=',1),(0,'=',1)]", "[[1,\"=\",1],[0,\"=\",1]]");
	become("[('a','=',1e3),('a','=',.5),('a','=',+7)]",
		"[[\"a\",\"=\",1000],[\"a\",\"=\",0.5],[\"a\",\"=\",7]]");
	become("[('x','any',[('y','=',1)])]", "[[\"x\",\"any\",[[\"y\",\"=\",1]]]]");
}

static void texts_are_read(void **state)
{
	become("[('a','=','it\\'s')]", "[[\"a\",\"=\",\"it's\"]]");
	become("[('a','=',\"it's\")]", "[[\"a\",\"=\",\"it's\"]]");
	become("[('a','=','\\x41\\u00e9\\U0001F600\\\\\\n')]", "[[\"a\",\"=\",\"Aé😀\\\\\\n\"]]");
	become("[('a','=','\\ud83d\\ude00')]", "[[\"a\",\"=\",\"😀\"]]");
	become("[('a','=','%')]", "[[\"a\",\"=\",\"%\"]]");
	become("[('a','=','')]", "[[\"a\",\"=\",\"\"]]");
	refused("[('a','=','x)]", "byte 11: a text that begins here isn't closed");
	refused("[('a','=','\\q')]", "byte 12: a backslash is written twice");
	refused("[('a','=','\\x4')]", "lacks hexadecimal digits");
	refused("[('a','=','\\x00')]", "stands for no character");
	refused("[('a','=','\\ud83d')]", "stands for no character");
	refused("[('a','=','\\ud83d\\u0041')]", "second half");
	refused("[('a','=','\\", "backslash");
	refused("[('a','=','\xff')]", "byte 12: this isn't UTF-8");
}

static void nothing_is_evaluated(void **state)
{
	static const char *const texts[] = { "[('a','=',uid)]", "[('a','=',context_today())]",
		"[('a','=',1+1)]", "[('a','=',__import__('os'))]", "[('a','=',{'b':1})]",
		"[('a','=',-x)]", "[('a','=',not True)]", "[('a','=',lambda: 1)]", "uid",
		"[('a','=',0x10)]", "[('a','=',NaN)]", "[('a','=',Infinity)]", "[('a','=',010)]",
		"[('a','=',[x for x in y])]", "[('a','=','b'*9999)]", "[('a','=',b'c')]" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		refused(texts[i], "byte ");
	}
}

static void wrong_shapes_are_refused(void **state)
{
	refused("", "byte 1:");
	refused("[", "byte 1: a list that begins here isn't closed");
	refused("[('a','=',1)", "byte 1: a list that begins here isn't closed");
	refused("[('a','=',1]", "byte 12: a comma or the list's end");
	refused("[('a','=',1)]]", "byte 14: something follows");
	refused("[,]", "byte 2:");
	refused("[('a','=',1),,]", "byte 14:");
	refused("True", "a domain is a list of conditions");
	refused("'a'", "a domain is a list of conditions");
	refused("('a','=',1)", "element 1 of the domain is neither");
	refused("[('a','=')]", "element 1 of the domain doesn't have three members");
	refused("[('a','=',1,2)]", "element 1 of the domain doesn't have three members");
	refused("[('a',1,2)]", "an operator that is no text");
	refused("[(1,'=',2)]", "no field's name");
	refused("[('','=',2)]", "no field's name");
	refused("[('a','=',1),5]", "element 2 of the domain is neither");
	refused("['^',('a','=',1)]", "element 1 of the domain is neither");
	refused("['|',('a','=',1)]", "an operator lacks operands");
	refused("[('a','=',1),'!']", "an operator lacks operands");
	refused("[('x','any',5)]", "needs a domain");
	refused("[('x','any',[('y',)])]", "doesn't have three members");
	refused("[('a','equals',1)]", "no operator \"equals\" in Odoo's domains: the nearest is");
	refused("[('a','=',9007199254740993)]", "past 2^53");
	refused("[('a','=',1e999)]", "past 2^53");
}

static void sizes_are_bounded(void **state)
{
	_cleanup_free_ char *deep = malloc(20001), *large = malloc(DOMAIN_MAX_SIZE + 2);
	_cleanup_free_ char *result = NULL, *second = NULL, *third = NULL, *fourth = NULL;

	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	result = parse_sized(deep, 20000);
	assert_contains(result, "byte 65: lists are nested too deep");

	memset(large, ' ', DOMAIN_MAX_SIZE + 1);
	memcpy(large, "[('a','=',1)]", 13);
	second = parse_sized(large, DOMAIN_MAX_SIZE);
	assert_string_equal(second, "[[\"a\",\"=\",1]]");
	large[14] = '\0';
	fourth = parse_sized(large, DOMAIN_MAX_SIZE);
	assert_contains(fourth, "byte 15: a NUL");
	third = parse_sized(large, DOMAIN_MAX_SIZE + 1);
	assert_contains(third, "has 65537 bytes, and may have 65536");
}

static void many_operators_are_read(void **state)
{
	_cleanup_free_ char *text = malloc(DOMAIN_MAX_SIZE), *result = NULL;
	char *end = stpcpy(text, "[");

	for (int i = 0; i < 3000; i++) {
		end = stpcpy(end, "'|',");
	}
	for (int i = 0; i < 3001; i++) {
		end = stpcpy(end, "('a','=',1),");
	}
	stpcpy(end, "]");
	result = parse(text);
	assert_int_equal(result[0], '[');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_and_json_are_read),
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(nothing_is_evaluated),
		cmocka_unit_test(wrong_shapes_are_refused),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(many_operators_are_read),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
