#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command of the lesson (doc/lesson) in its own laboratory, as an ordinary user types them.

. "$(dirname "$0")/world.sh"

lesson=$world_source/doc/lesson
grep -F 'doc/lesson/lab [--keep DIRECTORY]' <<<"$("$lesson/lab" --help)" >/dev/null || {
  echo "Bail out! lab --help shows no usage"
  exit 1
}
world_probe
(: <>/dev/net/tun) 2>/dev/null || skip_all "the lesson makes a tap by hand, and /dev/net/tun can't be opened"
# shellcheck disable=SC2016 # for the lab's shell
"$lesson/lab" bash -c 'slirpway probe --json' | grep '"mode" : "hybrid"' >/dev/null ||
  skip_all "the lesson has both paths, and this kernel or user has no mode hybrid"
exec python3 "$world_source/tests/live/lesson_commands.py" "$lesson/lab" "$lesson"/*.md
