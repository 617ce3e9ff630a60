/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function per subcommand, each in the file of its name; each returns the process's exit
 * status. */
#pragma once

/* argv[0] is the subcommand's name. Errors are printed by the command itself, one line each. */
int command_run(int argc, char **argv);
int command_attach(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_list(int argc, char **argv);
int command_status(int argc, char **argv);
int command_stop(int argc, char **argv);
int command_port(int argc, char **argv);

/* The whole program under the name slirp4netns. */
int command_slirp4netns(int argc, char **argv);

/* The status of a slirpway that failed by itself; COMMAND not executable; COMMAND not found (as in
 * the shell). */
#define EXIT_SLIRPWAY_FAILED 125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127
