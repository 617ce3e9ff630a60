/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines on standard error. Only the layers that own a session log; the others return errors. */
#pragma once

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The word before each line ("slirpway"); text must outlive the process. */
void log_set_name(const char *name);

/* Lines above level are left out; the default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Reads "error", "warning", "info" or "debug". */
bool log_parse_level(const char *text, enum log_level *ret_level);

/* The word that log_parse_level takes. */
const char *log_level_name(enum log_level level);

/*
 * Replaces by '?' what could drive a terminal: control characters, those of Latin-1 written in
 * UTF-8 too, and bytes that are no UTF-8 at all. For text from others, wherever it is printed.
 */
void log_make_printable(char *text);

/* Each prints one line "NAME: TEXT"; control characters in it are shown as '?'. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
