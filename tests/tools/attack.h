/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks on the syscall path, as a container would try them.
 *
 * Each is a function that tries one thing for real and says what came of it. The tables are the
 * lists of them; attack.c runs them, each in a process of its own with a deadline.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum attack_result {
	ATTACK_HELD,
	ATTACK_BROKEN,
	ATTACK_IMPOSSIBLE, /* the machine lacks what it takes; the words say what */
};

/* In which surroundings an attack must succeed, so that it is known to be one. */
enum attack_proof {
	PROOF_PLAIN, /* broken on the plain host, without any defence */
	PROOF_NAIVE, /* broken under a supervisor that lets judged calls go on (attack_naive.h) */
	PROOF_SAME,  /* held on the plain host: it asks that nothing differs from there */
	PROOF_NONE,  /* needs a session, or a kernel that few have */
};

struct attack_report {
	char words[400]; /* one line */
};

typedef enum attack_result attack_func(const void *data, struct attack_report *report);

struct attack {
	const char *name; /* without blanks */
	enum attack_proof proof;
	attack_func *func;
	const void *data;
};

/* Each ends with a row without a name. */
extern const struct attack attacks_by_address[];
extern const struct attack attacks_by_call[];
extern const struct attack attacks_by_listening[];
extern const struct attack attacks_by_race[];
extern const struct attack attacks_by_sharing[];
extern const struct attack attacks_by_argument[];
extern const struct attack attacks_by_number[];
extern const struct attack attacks_by_process[];

/* Appends to the report's words, with a blank in between; what is too much is cut off. */
void attack_say(struct attack_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The words are what the attack lacks. */
enum attack_result attack_lacks(struct attack_report *report, const char *what);

int attack_serve(int count, char **arguments);
int attack_naive(char **command);

/* Runs the command under a kernel that plays one without Landlock. */
int attack_unwalled(char **command);
