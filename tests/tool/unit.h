/* SPDX-License-Identifier: GPL-2.0 */
/* What the unit tests share. */
#ifndef LISTENQ_UNIT_H
#define LISTENQ_UNIT_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

/* A whole text as JSON, strictly, UTF-8 checked; NULL if it is not. */
static inline struct json_object *parse_json(const char *text,
					     enum json_tokener_error *err)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, text, strlen(text) + 1);
	*err = json_tokener_get_error(tok);
	json_tokener_free(tok);
	return o;
}

#endif /* LISTENQ_UNIT_H */
