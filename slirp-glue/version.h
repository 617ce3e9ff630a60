/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which libslirp this program runs with. */
#pragma once

/* The version of the library that is loaded, "4.7.0"; static. */
const char *slirp_glue_version(void);

/* The highest version of SlirpConfig that the library was built with. */
int slirp_glue_config_version_max(void);
