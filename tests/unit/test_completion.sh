#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the bash completion: SLIRPWAY names the program, COMPLETION the script.
set -u
program=${SLIRPWAY:-./slirpway}
script=${COMPLETION:-$(dirname "$0")/../../scripts/completion/slirpway}
failures=0
tests=0

# shellcheck source=/dev/null
. "$script" || exit 1

# complete_words WORD...: what is offered for the last of the words that follow the program's name.
complete_words() {
	COMP_WORDS=("$program" "$@")
	COMP_CWORD=$#
	_slirpway "$program" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
	printf '%s\n' "${COMPREPLY[@]}"
}

# expect WORD OFFERED TEXT: WORD is one of the lines of OFFERED.
expect() {
	if ! grep -qx -- "$1" <<<"$2"; then
		echo "# not offered for $3: $1"
		failures=$((failures + 1))
	fi
}

# finish NAME: one line of TAP for what was expected since the last.
finish() {
	tests=$((tests + 1))
	if [ "$failures" -eq 0 ]; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
	failures=0
}

echo 1..4

# Every command, by the list in the program's help.
commands=$("$program" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 7 ] || { echo "Bail out! no commands in the help"; exit 1; }
for command in $commands; do
	expect "$command" "$(complete_words "")" "the first word"
	expect --help "$(complete_words "$command" -)" "$command"
done
finish "every command is offered"

# Every option of the tables, read from the sources of the tables where those are at hand, less the
# hidden ones: their help is NULL.
tables=$(dirname "$0")/../../src/options/session_options.c
if [ -r "$tables" ]; then
	names=$(grep -v ', NULL },$' "$tables" | sed -nE 's/^\t\{ .*, "([a-z0-9-]+)", .*/\1/p')
	[ "$(wc -w <<<"$names")" -ge 20 ] || { echo "Bail out! no options in the tables"; exit 1; }
	offered=$(complete_words run --; complete_words attach --)
	for name in $names; do
		expect "--$name" "$offered" "run or attach"
	done
fi
finish "every option of the tables is offered"

# Every option with a value has its place in the script: nothing else is offered behind it.
for option in $({ "$program" run --help "" && "$program" explain --help; } | sed -nE 's/^ +(-., )?(--[a-z0-9-]+)=.*/\2/p'); do
	_slirpway_value "$option" "" 2>/dev/null || {
		echo "# the completion takes $option for a flag"
		failures=$((failures + 1))
	}
done
finish "options with a value are known as such"

# The words that are offered as values are words that the program takes.
for option in --mode --device --log-level; do
	for word in $(complete_words run "$option" = ""); do
		"$program" run "$option=$word" --help >/dev/null || {
			echo "# offered but refused: $option=$word"
			failures=$((failures + 1))
		}
	done
	[ -n "$(complete_words run "$option" = "")" ] || {
		echo "# nothing is offered for $option"
		failures=$((failures + 1))
	}
done

expect --publish "$(complete_words run --pub)" "--pub"
expect hybrid "$(complete_words run --mode hy)" "--mode hy"
expect --events "$(complete_words explain --ev)" "explain --ev"
expect packet "$(complete_words explain --paths pa)" "explain --paths pa"
expect add "$(complete_words port "")" "port"

finish "the words offered as values are taken"
