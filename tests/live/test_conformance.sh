#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CPython's tests of its socket modules come to the same results on the plain host and in containers.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"

# Without notification there is no hybrid mode, and by packets alone loopback is the kernel's.
[ -z "${SLIRPWAY_TEST_WITHOUT_NOTIFY:-}" ] || skip_all "this is about calls that are trapped"
[ -x "$SLIRPWAY" ] || skip_all "$SLIRPWAY is not there: build the program"

status=0
output=$("$world_source/scripts/conformance" --quick --both 2>&1) || status=$?
[ "$status" != 77 ] || skip_all "${output//$'\n'/; }"

for side in normal everything; do
  description="the tests come to the same results as on the host, $side"
  if grep -qx "$side: 0 differences" <<<"$output"; then
    ok "$description"
  else
    not_ok "$description"
  fi
done
is "the script's status says the same" "$status" "$((world_failed > 0))"
diag <<<"$output"
world_done
