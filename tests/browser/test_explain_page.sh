#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of slirpway explain in headless Chromium.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/../live/world.sh"

for program in chromium chromedriver python3 "$SLIRPWAY_TOOLS/render_page"; do
  command -v "$program" >/dev/null || skip_all "$program is not there"
done
PYTHONDONTWRITEBYTECODE=1 exec python3 "$(dirname "$0")/explain_page.py"
