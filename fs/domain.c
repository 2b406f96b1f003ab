/* SPDX-License-Identifier: MIT */
#include "fs/domain.h"

#include "fs/literal.h"
#include "fs/nearest.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

static const char *const operators[] = { "=", "!=", "<>", "==", ">", ">=", "<", "<=", "in",
	"not in", "like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like",
	"not =ilike", "child_of", "parent_of", "=?", "any", "not any" };

#define N_OPERATORS (sizeof(operators) / sizeof(operators[0]))

static int check(const cJSON *domain, struct odoo_error *error);

/* `place` is the element's number in the domain, from 1. */
static int refuse(struct odoo_error *error, int place, const char *what)
{
	odoo_error_set(error, ODOO_FAULT_USER,
		"element %d of the domain %s: a domain has conditions (field, op, value), "
		"and \"&\", \"|\" and \"!\" before their operands",
		place, what);
	return -EINVAL;
}

static int check_operator(const char *name, struct odoo_error *error)
{
	struct nearest nearest = { .wanted = name, .size = strlen(name) };

	for (size_t i = 0; i < N_OPERATORS; i++) {
		if (strcmp(operators[i], name) == 0) {
			return 0;
		}
		nearest_offer(&nearest, operators[i]);
	}
	odoo_error_set(error, ODOO_FAULT_USER,
		"there is no operator \"%.40s\" in Odoo's domains: the nearest is \"%s\"", name,
		nearest.found);
	return -EINVAL;
}

/* (1, '=', 1) and (0, '=', 1): all, and none. */
static bool is_constant(const cJSON *left, const cJSON *op, const cJSON *right)
{
	return cJSON_IsNumber(left) && (left->valueint == 0 || left->valueint == 1) &&
	       strcmp(op->valuestring, "=") == 0 && cJSON_IsNumber(right) && right->valueint == 1;
}

static int check_condition(const cJSON *condition, int place, struct odoo_error *error)
{
	const cJSON *field = condition->child;
	const cJSON *op = field ? field->next : NULL;
	const cJSON *value = op ? op->next : NULL;
	int r;

	if (!value || value->next) {
		return refuse(error, place, "doesn't have three members");
	}
	if (!cJSON_IsString(op)) {
		return refuse(error, place, "has an operator that is no text");
	}
	if (is_constant(field, op, value)) {
		return 0;
	}
	if (!cJSON_IsString(field) || !field->valuestring[0]) {
		return refuse(error, place, "has no field's name in front");
	}
	r = check_operator(op->valuestring, error);
	if (r == 0 && strstr(op->valuestring, "any")) {
		r = cJSON_IsArray(value) ? check(value, error)
					 : refuse(error, place, "needs a domain as its value");
	}
	return r;
}

/*
 * An operator adds to the operands that are still to come, a condition takes one away. Where none
 * is open, the next one begins a term of its own.
 */
static int check(const cJSON *domain, struct odoo_error *error)
{
	const cJSON *element;
	size_t open = 0;
	int place = 0;

	cJSON_ArrayForEach (element, domain) {
		int r = 0;

		place++;
		open += open == 0;
		if (cJSON_IsArray(element)) {
			r = check_condition(element, place, error);
			open--;
		} else if (!cJSON_IsString(element) || strlen(element->valuestring) != 1 ||
			   !strchr("&|!", element->valuestring[0])) {
			r = refuse(error, place, "is neither a condition nor an operator");
		} else if (element->valuestring[0] != '!') {
			open++;
		}
		if (r < 0) {
			return r;
		}
	}
	return open ? refuse(error, place, "is the last, and an operator lacks operands") : 0;
}

int domain_parse(const char *text, size_t size, cJSON **ret_domain, struct odoo_error *error)
{
	_cleanup_json_ cJSON *domain = NULL;
	int r;

	if (size > DOMAIN_MAX_SIZE) {
		odoo_error_set(error, ODOO_FAULT_USER,
			"the domain has %zu bytes, and may have %u: chain several .domain/", size,
			DOMAIN_MAX_SIZE);
		return -EINVAL;
	}
	r = literal_parse(text, size, DOMAIN_MAX_DEPTH, &domain, error);
	if (r < 0) {
		return r;
	}
	if (!cJSON_IsArray(domain)) {
		odoo_error_set(error, ODOO_FAULT_USER,
			"a domain is a list of conditions: [('is_company', '=', True)]");
		return -EINVAL;
	}
	r = check(domain, error);
	if (r == 0) {
		*ret_domain = steal(domain);
	}
	return r;
}
