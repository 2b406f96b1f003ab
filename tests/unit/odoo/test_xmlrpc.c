/* SPDX-License-Identifier: MIT */
/* The xmlrpc transport: what it sends, and what it makes of what Odoo 14 and 19 answered. */
#include "odoo/cleanup.h"
#include "unit.h"
#include "wire.h"

#include <errno.h>
#include <string.h>

#define RESULT(value) \
	"<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>" value \
	"</value>\n</param>\n</params>\n</methodResponse>\n"
#define FAULT(code, text) \
	"<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n" \
	"<name>faultCode</name>\n<value>" code "</value>\n</member>\n<member>\n" \
	"<name>faultString</name>\n<value><string>" text "</string></value>\n</member>\n" \
	"</struct></value>\n</fault>\n</methodResponse>\n"
#define CODE(number, text) FAULT("<int>" number "</int>", text)
#define NAMED(name, text) FAULT("<string>" name "</string>", text)
#define START "Traceback (most recent call last):\n"
#define FRAME \
	"  File \"/usr/lib/python3/dist-packages/odoo/service/model.py\", line 184, in retrying\n" \
	"    result = func()\n             ~~~~^^\n"
#define DURING "\n\nDuring handling of the above exception, another exception occurred:\n\n" START
#define CAUSE "\n\nThe above exception was the direct cause of the following exception:\n\n" START

static struct odoo_transport *make(void)
{
	return wire_make(ODOO_TRANSPORT_XMLRPC, 14);
}

static void test_call(void **state)
{
	struct odoo_transport *t = make();
	struct odoo_http_request http;

	wire_call(t, "write", "{\"ids\":[3],\"vals\":{\"a\":null}}", &http);
	assert_string_equal(http.path, "/xmlrpc/2/object");
	assert_string_equal(http.content_type, "text/xml");
	assert_string_equal(http.body,
		"<?xml version=\"1.0\"?><methodCall><methodName>execute_kw</methodName><params>"
		"<param><value><string>d\"b</string></value></param>"
		"<param><value><int>7</int></value></param>"
		"<param><value><string>\\s3cret&lt;&amp;&gt;</string></value></param>"
		"<param><value><string>res.partner</string></value></param>"
		"<param><value><string>write</string></value></param>"
		"<param><value><array><data><value><array><data><value><int>3</int></value></data>"
		"</array></value><value><struct><member><name>a</name><value><nil/></value>"
		"</member></struct></value></data></array></value></param>"
		"<param><value><struct><member><name>context</name><value><struct><member>"
		"<name>lang</name><value><string>fr_FR</string></value></member></struct></value>"
		"</member></struct></value></param>"
		"</params></methodCall>");
	odoo_http_request_finish(&http);
	wire_refuse(t, "write", "{\"ids\":[3],\"vals\":{\"name\":\"a\\u0007\"}}",
		ODOO_FAULT_VALIDATION, "a control character, which can't be sent through XML-RPC");
	odoo_transport_destroy(t);
}

static void check_login(struct odoo_transport *t, const char *path, const char *part)
{
	struct odoo_http_request http;

	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	assert_string_equal(http.path, path);
	assert_contains(http.body, part);
	odoo_http_request_finish(&http);
}

static void test_login(void **state)
{
	struct odoo_transport *t = make();

	t->uid = 0;
	check_login(t, "/xmlrpc/2/common",
		"<methodName>authenticate</methodName><params><param><value><string>d\"b</string>"
		"</value></param><param><value><string>me@x</string></value></param><param><value>"
		"<string>\\s3cret&lt;&amp;&gt;</string></value></param><param><value><struct>"
		"</struct></value></param></params></methodCall>");
	wire_login(t, WIRE_XML, RESULT("<int>9</int>"), "");
	assert_true(t->login_more);
	/* What context_get answers can't be put into XML by version 14. */
	check_login(t, "/xmlrpc/2/object", "<string>read</string>");
	wire_login(t, WIRE_XML,
		RESULT("<array><data>\n<value><struct>\n<member>\n<name>id</name>\n<value><int>9"
		       "</int></value>\n</member>\n<member>\n<name>lang</name>\n<value><string>"
		       "fr_BE</string></value>\n</member>\n</struct></value>\n</data></array>"),
		"");
	assert_false(t->login_more);
	assert_int_equal(t->uid, 9);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(t->context, "lang")), "fr_BE");
	odoo_transport_destroy(t);
}

static void test_doors(void **state)
{
	struct odoo_transport *t = make();
	struct odoo_http_request http;

	assert_true(t->class->next_door(t));
	check_login(t, "/xmlrpc/common",
		"<methodName>login</methodName><params><param><value><string>d\"b</string></value>"
		"</param><param><value><string>me@x</string></value></param><param><value>"
		"<string>\\s3cret&lt;&amp;&gt;</string></value></param></params></methodCall>");
	wire_call(t, "search", "{}", &http);
	assert_string_equal(http.path, "/xmlrpc/object");
	odoo_http_request_finish(&http);
	assert_int_equal(t->class->version_request(t, &http), 0);
	assert_string_equal(http.path, "/xmlrpc/common");
	odoo_http_request_finish(&http);
	assert_false(t->class->next_door(t));
	odoo_transport_destroy(t);
}

static void test_login_fails(void **state)
{
	struct odoo_transport *t = make();

	wire_login_fault(t, 200, WIRE_XML, RESULT("<boolean>0</boolean>"), ODOO_FAULT_DENIED,
		"refused the login \"me@x\" or its password");
	wire_login_fault(t, 200, WIRE_XML, RESULT("<string>9</string>"), ODOO_FAULT_MALFORMED,
		"not the id of a user");
	wire_login_fault(t, 404, "text/html", "<h1>Not Found", ODOO_FAULT_NOT_ODOO, "HTTP 404");
	wire_login_fault(
		t, 200, "text/html", RESULT("<int>1</int>"), ODOO_FAULT_NOT_ODOO, "HTTP 200");
	wire_login_fault(t, 200, WIRE_XML,
		CODE("1", START "  File \"registry.py\", line 63, in __new__\n    return "
				"cls.registries[db_name]\nKeyError: 'd'" DURING FRAME
				"psycopg2.OperationalError: connection to server on socket \"/x\" "
				"failed: FATAL:  database \"d\" does not exist\n\n"),
		ODOO_FAULT_DATABASE,
		"the server can't open the database \"d\"b\": database \"d\" does not exist");
	wire_login_fault(t, 200, WIRE_XML,
		CODE("1", START FRAME "AssertionError: Missing database name\n"),
		ODOO_FAULT_DATABASE, "Missing database name");
	odoo_transport_destroy(t);
}

struct fault_case {
	const char *method;
	const char *body;
	enum odoo_fault fault;
	const char *words;
};

static void check_faults(const struct fault_case *cases, size_t n)
{
	struct odoo_transport *t = make();

	for (size_t i = 0; i < n; i++) {
		wire_fault(t, cases[i].method, 200, WIRE_XML, cases[i].body, cases[i].fault,
			cases[i].words);
	}
	odoo_transport_destroy(t);
}

#define GONE "Record does not exist or has been deleted.\n(Record: res.partner(99,), User: 2)"
#define ANOTHER \
	"The operation cannot be completed: another model requires the record being deleted. If " \
	"possible, archive it instead.\n\nModel: Users (res.users), Constraint: " \
	"res_users_company_id_fkey"

/* The door of today: numbers. */
static void test_coded_faults(void **state)
{
	static const struct fault_case cases[] = {
		{ "read", CODE("3", "Access Denied"), ODOO_FAULT_DENIED, "Access Denied" },
		{ "_x", CODE("4", "Private methods (such as _x) cannot be called remotely."),
			ODOO_FAULT_ACCESS, "Private methods" },
		{ "write", CODE("2", GONE), ODOO_FAULT_MISSING,
			"deleted. (Record: res.partner(99" },
		{ "write", CODE("2", "No sale without a customer (res.partner), so no."),
			ODOO_FAULT_USER, "No sale" },
		{ "read", CODE("2", "Object res.partner doesn't exist"), ODOO_FAULT_UNKNOWN_MODEL,
			"the server has no model \"res.partner\"" },
		{ "create", CODE("2", "The name of the country must be unique !"),
			ODOO_FAULT_UNIQUE, "must be unique" },
		{ "create",
			CODE("2", "The operation cannot be completed: The name of the country must "
				  "be unique!"),
			ODOO_FAULT_UNIQUE, "must be unique" },
		{ "create",
			CODE("2", "The operation cannot be completed:\n- Create/update: a "
				  "mandatory field is not set.\n\nModel: Country (res.country)"),
			ODOO_FAULT_USER, "a mandatory field" },
		{ "unlink", CODE("2", "('It isn\\'t\\nto be.', {'type': 'x'}, 'Go', None)"),
			ODOO_FAULT_USER, "It isn't to be." },
		{ "unlink", CODE("2", "(\"It isn't\", 12, 'Go', None)"), ODOO_FAULT_USER,
			"It isn't" },
		{ "unlink", CODE("2", "('No')"), ODOO_FAULT_USER, "('No')" },
		{ "unlink", CODE("2", "('No"), ODOO_FAULT_USER, "('No" },
		{ "unlink", CODE("2", ANOTHER), ODOO_FAULT_REFERENCED, "another model requires" },
		{ "unlink",
			CODE("2", "The operation cannot be completed: Another model is using the "
				  "record you are trying to delete."),
			ODOO_FAULT_REFERENCED, "Another model" },
		{ "unlink", CODE("2", "You cannot delete this UoM as it is used by the system."),
			ODOO_FAULT_USER, "You cannot delete" },
	};

	check_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

/* Everything else is a traceback. */
static void test_tracebacks(void **state)
{
	static const struct fault_case cases[] = {
		{ "read", CODE("1", START FRAME "ValueError: Invalid field 'x' on 'res.partner'\n"),
			ODOO_FAULT_SERVER, "Invalid field 'x' on 'res.partner'" },
		{ "search", CODE("1", START FRAME "ValueError: Invalid field 'x'\n"),
			ODOO_FAULT_VALIDATION, "Invalid field 'x'" },
		{ "write", CODE("1", START FRAME "KeyError: 'nofield'\n"), ODOO_FAULT_VALIDATION,
			"nofield" },
		{ "search",
			CODE("1", START FRAME "KeyError: 'nofield'" CAUSE FRAME FRAME
					      "psycopg2.errors.UndefinedTable: relation \"x\" does "
					      "not exist\nLINE 1: SELECT\n"),
			ODOO_FAULT_SERVER, "relation \"x\" does not exist LINE 1: SELECT" },
		{ "create",
			CODE("1",
				START FRAME "psycopg2.errors.UniqueViolation: duplicate key value "
					    "violates unique constraint \"x\"\n"),
			ODOO_FAULT_UNIQUE, "duplicate key" },
		/* A message that looks like a traceback itself. */
		{ "search",
			CODE("1", START FRAME "ValueError: while evaluating\n" START FRAME
					      "KeyError: 'a'\n"),
			ODOO_FAULT_VALIDATION, "while evaluating Traceback" },
		{ "search", CODE("1", START FRAME "ZeroDivisionError\n"), ODOO_FAULT_SERVER,
			"without a word: builtins.ZeroDivisionError" },
		{ "search", CODE("1", START), ODOO_FAULT_SERVER, "without a word" },
		{ "search", CODE("1", "no traceback"), ODOO_FAULT_SERVER, "no traceback" },
		{ "search", CODE("1", ""), ODOO_FAULT_SERVER, "without a word" },
		{ "search", CODE("99", "what"), ODOO_FAULT_SERVER, "what" },
		{ "search", FAULT("<array><data></data></array>", "x"), ODOO_FAULT_MALFORMED,
			"a fault without a code" },
		{ "search", CODE("1", START FRAME "E: it's \\s3cret&lt;&amp;&gt;!\n"),
			ODOO_FAULT_SERVER, "it's ***!" },
	};

	check_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

/* The older door: texts. */
static void test_named_faults(void **state)
{
	static const struct fault_case cases[] = {
		{ "read", NAMED("AccessDenied", "Access Denied"), ODOO_FAULT_DENIED,
			"Access Denied" },
		{ "write", NAMED("warning -- MissingError\n\n" GONE, ""), ODOO_FAULT_MISSING,
			"Record does not exist" },
		{ "read", NAMED("warning -- AccessError\n\nNot allowed", ""), ODOO_FAULT_ACCESS,
			"Not allowed" },
		{ "read", NAMED("warning -- UserError\n\nObject res.partner doesn't exist", ""),
			ODOO_FAULT_UNKNOWN_MODEL, "has no model" },
		{ "create", NAMED("warning -- UserError\n\nThe name must be unique!", ""),
			ODOO_FAULT_UNIQUE, "must be unique" },
		{ "unlink", NAMED("warning -- UserError\n\n" ANOTHER, ""), ODOO_FAULT_REFERENCED,
			"another model" },
		{ "write", NAMED("warning -- Warning\n\nGo there", ""), ODOO_FAULT_USER,
			"Go there" },
		{ "write", NAMED("nofield", START FRAME "KeyError: 'nofield'\n"),
			ODOO_FAULT_VALIDATION, "nofield" },
		{ "read",
			NAMED("FATAL:  database \"d\" does not exist\n", START FRAME
				"psycopg2.OperationalError: FATAL:  database \"d\" does "
				"not exist\n\n"),
			ODOO_FAULT_DATABASE, "database \"d\" does not exist" },
	};

	check_faults(cases, sizeof(cases) / sizeof(cases[0]));
}

#define DUMP(where) \
	"  File \"/usr/lib/python3.9/xmlrpc/client.py\", line 534, in " where \
	"\n    dump(v, write)\n"
#define NONE DUMP("dump_nil") "TypeError: cannot marshal None unless allow_none is enabled\n"

/* None has no word in XML-RPC: the method had returned it by then. */
static void test_none(void **state)
{
	struct odoo_transport *t = make();

	wire_result(t, "x", WIRE_XML, CODE("1", START DUMP("dumps") NONE), "null");
	wire_result(t, "x", WIRE_XML,
		NAMED("cannot marshal None unless allow_none is enabled", START DUMP("dumps") NONE),
		"null");
	wire_fault(t, "read", 200, WIRE_XML, CODE("1", START DUMP("dumps") DUMP("dump_array") NONE),
		ODOO_FAULT_SERVER, "an empty value (null)");
	wire_fault(t, "x", 200, WIRE_XML,
		CODE("1", START FRAME "TypeError: cannot marshal None unless I want\n"),
		ODOO_FAULT_VALIDATION, "unless I want");
	odoo_transport_destroy(t);
}

/* A group over no records, whose greatest id is None. */
static void test_empty_group(void **state)
{
	static const char body[] =
		CODE("1", START DUMP("dumps") DUMP("dump_array") DUMP("dump_struct") NONE);
	struct odoo_transport *t = make();
	const struct odoo_http_answer answer = wire_answer(t, 200, WIRE_XML, body);
	struct odoo_request *request = odoo_request_summary("res.partner", 14, true);
	_cleanup_json_ cJSON *result = NULL;
	struct odoo_summary summary;

	assert_int_equal(t->class->call_answer(t, request, &answer, &result, NULL), 0);
	assert_int_equal(odoo_summary_parse(result, &summary), 0);
	assert_int_equal(summary.count, 0);
	assert_int_equal(summary.max_id, 0);
	odoo_request_destroy(request);
	odoo_transport_destroy(t);
}

/* What isn't a call has no model that could be empty. */
static void test_none_at_the_login(void **state)
{
	static const char body[] = CODE("1", START DUMP("dumps") DUMP("dump_array") NONE);
	struct odoo_transport *t = make();
	const struct odoo_http_answer answer = wire_answer(t, 200, WIRE_XML, body);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *result = NULL;

	assert_int_equal(t->class->version_answer(t, &answer, &result, &error), -1);
	assert_int_equal(error.fault, ODOO_FAULT_SERVER);
	odoo_transport_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_doors),
		cmocka_unit_test(test_login_fails),
		cmocka_unit_test(test_coded_faults),
		cmocka_unit_test(test_tracebacks),
		cmocka_unit_test(test_named_faults),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_empty_group),
		cmocka_unit_test(test_none_at_the_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
