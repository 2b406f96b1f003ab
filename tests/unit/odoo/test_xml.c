/* SPDX-License-Identifier: MIT */
/* XML-RPC as JSON and back. */
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/xml_read.h"
#include "odoo/xml_write.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEAD "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>"
#define TAIL "</value>\n</param>\n</params>\n</methodResponse>\n"

static void check_read(const char *xml, const char *expected)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *value = NULL;
	_cleanup_free_ char *text = NULL;
	bool is_fault = true;
	int r = odoo_xml_parse(xml, strlen(xml), &value, &is_fault, &error);

	assert_fault(&error, ODOO_FAULT_NONE);
	assert_int_equal(r, 0);
	assert_false(is_fault);
	text = cJSON_PrintUnformatted(value);
	assert_string_equal(text, expected);
}

static void refuse(const char *xml, size_t size, enum odoo_fault fault, const char *words)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	cJSON *value = NULL;
	bool is_fault;

	assert_int_equal(odoo_xml_parse(xml, size, &value, &is_fault, &error), -1);
	assert_null(value);
	assert_fault(&error, fault);
	assert_contains(error.message, words);
}

static void malformed(const char *xml, const char *words)
{
	refuse(xml, strlen(xml), ODOO_FAULT_MALFORMED, words);
}

static void test_scalars(void **state)
{
	check_read(HEAD "<int>41</int>" TAIL, "41");
	check_read(HEAD "<i4> -7\n</i4>" TAIL, "-7");
	check_read(HEAD "<i8>1099511627776</i8>" TAIL, "1099511627776");
	check_read(HEAD "<double>0.1</double>" TAIL, "0.1");
	check_read(HEAD "<double>1e-05</double>" TAIL, "1e-05");
	check_read(HEAD "<double>-3.0</double>" TAIL, "-3");
	check_read(HEAD "<boolean>0</boolean>" TAIL, "false");
	check_read(HEAD "<boolean>1</boolean>" TAIL, "true");
	check_read(HEAD "<string></string>" TAIL, "\"\"");
	check_read(HEAD "<string> a&amp;&lt;é </string>" TAIL, "\" a&<é \"");
	check_read(HEAD "<nil/>" TAIL, "null");
	check_read(HEAD TAIL, "\"\"");
	check_read(HEAD "plain <!-- no type --> text" TAIL, "\"plain  text\"");
	check_read(HEAD "<dateTime.iso8601>20261120T08:12:44</dateTime.iso8601>" TAIL,
		"\"2026-11-20 08:12:44\"");
	check_read(HEAD "<base64>\naGVs\nbG8=\n</base64>" TAIL, "\"aGVsbG8=\"");
}

/* Floats come as JSON's do, to the last bit. */
static void test_same_numbers(void **state)
{
	static const char *const numbers[] = { "0.1", "1234.56", "0.30000000000000004", "5e-324",
		"1.7976931348623157e+308", "100000.0", "-0.0", "33.333333333333336" };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		_cleanup_free_ char *xml = NULL;
		_cleanup_json_ cJSON *read = NULL, *json = NULL;
		bool is_fault;

		assert_true(asprintf(&xml, HEAD "<double>%s</double>" TAIL, numbers[i]) > 0);
		assert_int_equal(odoo_xml_parse(xml, strlen(xml), &read, &is_fault, NULL), 0);
		assert_int_equal(odoo_json_parse(numbers[i], strlen(numbers[i]), &json, NULL), 0);
		assert_memory_equal(&read->valuedouble, &json->valuedouble, sizeof(double));
		assert_int_equal(read->valueint, json->valueint);
	}
}

static void test_record(void **state)
{
	check_read(HEAD
		"<array><data>\n<value><struct>\n<member>\n<name>id</name>\n"
		"<value><int>41</int></value>\n</member>\n<member>\n<name>country_id</name>\n"
		"<value><array><data>\n<value><int>20</int></value>\n"
		"<value><string>Belgium</string></value>\n</data></array></value>\n</member>\n"
		"<member>\n<name>category_id</name>\n<value><array><data>\n"
		"</data></array></value>\n</member>\n<member>\n<name>street2</name>\n"
		"<value><boolean>0</boolean></value>\n</member>\n</struct></value>\n"
		"</data></array>" TAIL,
		"[{\"id\":41,\"country_id\":[20,\"Belgium\"],\"category_id\":[],\"street2\":"
		"false}]");
	check_read(HEAD "<struct></struct>" TAIL, "{}");
}

/* Python writes it as it is; XML would make "\r\n" and "\r" a newline. */
static void test_carriage_returns(void **state)
{
	check_read(HEAD "<string>a\r\nb\rc\r\r\nd\te\r</string>" TAIL,
		"\"a\\r\\nb\\rc\\r\\r\\nd\\te\\r\"");
	check_read("<?xml version='1.0'?>\r\n<methodResponse>\r\n<params>\r\n<param>\r\n<value>\r\n"
		   "<int>1</int>\r\n</value>\r\n</param></params></methodResponse>\r\n",
		"1");
}

static void test_not_xml(void **state)
{
	malformed("", "no XML");
	malformed("<", "no XML");
	malformed("{\"jsonrpc\": \"2.0\"}", "no XML");
	malformed(HEAD "<int>1</int>", "no XML");
	malformed(HEAD "<string>a & b</string>" TAIL, "no XML");
	malformed(HEAD "<string>\xff</string>" TAIL, "no XML");
	malformed(HEAD "<string>\xed\xa0\x80</string>" TAIL, "no XML");
	malformed(HEAD "<string>&#1;</string>" TAIL, "no XML");
	malformed(HEAD "<string>&nbsp;</string>" TAIL, "no XML");
	malformed(HEAD "<int>1</int>" TAIL "<more/>", "no XML");
	refuse(HEAD "<int>1\0</int>" TAIL, sizeof(HEAD "<int>1\0</int>" TAIL) - 1,
		ODOO_FAULT_MALFORMED, "control character 0x00");
}

/* What version 14 sends of a name with an escape character. */
static void test_control_characters(void **state)
{
	malformed(HEAD "<struct>\n<member>\n<name>street</name>\n<value><string>a\r\nb</string>"
		       "</value>\n</member>\n<member>\n<name>name</name>\n<value><string>ctl\x1bx"
		       "</string></value>\n</member>\n</struct>" TAIL,
		"the control character 0x1b, which XML can't hold (other transports can), at byte "
		"193 near \"name\"");
}

static void test_not_xmlrpc(void **state)
{
	malformed("<html><body>hello</body></html>", "<html> where it doesn't belong");
	malformed("<methodResponse></methodResponse>", "without a value");
	malformed("<methodResponse><params></params></methodResponse>", "without a value");
	malformed("<methodResponse><params><param><value>1</value></param><param><value>2</value>"
		  "</param></params></methodResponse>",
		"more than one value");
	malformed(HEAD "<int>1</int><int>2</int>" TAIL, "two values in one");
	malformed(HEAD "x<int>1</int>" TAIL, "two values in one");
	malformed(HEAD "<int>1</int>x" TAIL, "text where it doesn't belong");
	malformed(HEAD "<array><value><int>1</int></value></array>" TAIL, "<value> where");
	malformed(HEAD "<struct><member><value>1</value></member></struct>" TAIL, "without a name");
	malformed(HEAD "<struct><member><name>a</name><name>b</name></member></struct>" TAIL,
		"two names");
	malformed(HEAD "<int>1.5</int>" TAIL, "should be a whole number is not");
	malformed(HEAD "<int>1-</int>" TAIL, "a whole number");
	malformed(HEAD "<int></int>" TAIL, "a whole number");
	malformed(HEAD "<double>nan</double>" TAIL, "a number that JSON can hold");
	malformed(HEAD "<double>inf</double>" TAIL, "a number that JSON can hold");
	malformed(HEAD "<double>1e999</double>" TAIL, "a number that JSON can hold");
	malformed(HEAD "<boolean>2</boolean>" TAIL, "0 or 1");
	malformed(HEAD "<nil>x</nil>" TAIL, "nothing");
	malformed(HEAD "<dateTime.iso8601>2026</dateTime.iso8601>" TAIL, "a date with a time");
	malformed(HEAD "<int><int>1</int></int>" TAIL, "<int> where it doesn't belong");
}

/* Neither entities, which could grow without end, nor files of ours. */
static void test_no_document_type(void **state)
{
	malformed("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
		  "<methodResponse><params><param><value><string>&b;</string></value></param>"
		  "</params></methodResponse>",
		"a document type");
	malformed("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><methodResponse/>", "a document type");
	malformed(HEAD "<string><![CDATA[x]]></string>" TAIL, "a CDATA section");
}

/* `count` times `open`, a number, and `count` times `close`. */
static char *nest(size_t count, const char *open, const char *close)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	fputs(HEAD, stream);
	for (size_t i = 0; i < count; i++) {
		fputs(open, stream);
	}
	fputs("<int>1</int>", stream);
	for (size_t i = 0; i < count; i++) {
		fputs(close, stream);
	}
	fputs(TAIL, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void test_limits(void **state)
{
	static const char open[] = "<struct><member><name>a</name><value>";
	static const char close[] = "</value></member></struct>";
	_cleanup_free_ char *deepest = nest(ODOO_MAX_DEPTH, open, close);
	_cleanup_free_ char *deeper = nest(ODOO_MAX_DEPTH + 1, open, close);
	_cleanup_free_ char *abyss = nest(100000, "<array><data><value>", "");
	_cleanup_json_ cJSON *value = NULL;
	bool is_fault;

	assert_int_equal(odoo_xml_parse(deepest, strlen(deepest), &value, &is_fault, NULL), 0);
	malformed(deeper, "nested over 200 deep");
	malformed(abyss, "nested over 200 deep");
}

static void test_many_values(void **state)
{
	static const char item[] = "<value/>";
	size_t size = sizeof(HEAD "<array><data>") - 1;
	size_t all = size + (size_t)(ODOO_MAX_VALUES + 1) * (sizeof(item) - 1);
	_cleanup_free_ char *xml = malloc(all);

	assert_non_null(xml);
	memcpy(xml, HEAD "<array><data>", size);
	for (; size < all; size += sizeof(item) - 1) {
		memcpy(xml + size, item, sizeof(item) - 1);
	}
	refuse(xml, size, ODOO_FAULT_TOO_LARGE, "over 8000000 values");
}

static void check_written(const cJSON *value, const char *expected)
{
	struct xml_text x = { 0 };

	assert_non_null(value);
	xml_put_param(&x, value);
	assert_int_equal(x.failed, 0);
	assert_int_equal(x.size, strlen(x.text));
	assert_memory_equal(x.text, "<param><value>", 14);
	assert_memory_equal(x.text + 14, expected, strlen(expected));
	assert_string_equal(x.text + 14 + strlen(expected), "</value></param>");
	xml_finish(&x);
}

static void check_write(const char *json, const char *expected)
{
	_cleanup_json_ cJSON *value = cJSON_Parse(json);

	check_written(value, expected);
}

/* A number that is given as text, so that no digit of it is lost. */
static void check_write_raw(const char *text, const char *expected)
{
	_cleanup_json_ cJSON *value = cJSON_CreateRaw(text);

	check_written(value, expected);
}

static void test_write(void **state)
{
	check_write("1", "<int>1</int>");
	check_write("-2147483647", "<int>-2147483647</int>");
	check_write("2147483648", "<i8>2147483648</i8>");
	check_write("9007199254740991", "<i8>9007199254740991</i8>");
	check_write("1e300", "<double>1.0000000000000001e+300</double>");
	check_write("0.1", "<double>0.10000000000000001</double>");
	check_write("true", "<boolean>1</boolean>");
	check_write("false", "<boolean>0</boolean>");
	check_write("null", "<nil/>");
	check_write("\"a<b>&\\r\\n\\té\"", "<string>a&lt;b&gt;&amp;&#13;\n\té</string>");
	check_write("[1,[]]", "<array><data><value><int>1</int></value><value><array><data></data>"
			      "</array></value></data></array>");
	check_write("{\"a&b\":\"\"}", "<struct><member><name>a&amp;b</name><value><string></string>"
				      "</value></member></struct>");
}

static void test_write_numbers_given_as_text(void **state)
{
	check_write_raw("0.3333333333333333", "<double>0.3333333333333333</double>");
	check_write_raw("-0.0", "<double>-0.0</double>");
	check_write_raw("5e-324", "<double>5e-324</double>");
	check_write_raw("9007199254740991", "<i8>9007199254740991</i8>");
	check_write_raw("-7", "<int>-7</int>");
}

static void test_write_what_xml_has_no_way_for(void **state)
{
	static const char *const wrong[] = { "\x01", "a\x1b", "\x0b", "\xef\xbf\xbe",
		"\xef\xbf\xbf" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct xml_text x = { 0 };

		xml_put_text_param(&x, wrong[i]);
		assert_int_equal(x.failed, -EILSEQ);
		xml_finish(&x);
	}
}

static void test_write_much(void **state)
{
	_cleanup_free_ char *text = malloc(100001);
	struct xml_text x = { 0 };

	assert_non_null(text);
	memset(text, 'a', 100000);
	text[100000] = '\0';
	for (int i = 0; i < 20; i++) {
		xml_put_text(&x, text);
	}
	assert_int_equal(x.failed, 0);
	assert_int_equal(x.size, 2000000);
	xml_finish(&x);
	assert_null(x.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_same_numbers),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_carriage_returns),
		cmocka_unit_test(test_not_xml),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_not_xmlrpc),
		cmocka_unit_test(test_no_document_type),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_values),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_numbers_given_as_text),
		cmocka_unit_test(test_write_what_xml_has_no_way_for),
		cmocka_unit_test(test_write_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
