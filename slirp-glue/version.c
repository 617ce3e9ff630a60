/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which libslirp this program runs with. */

#include "config.h"

#include <libslirp.h>

#include "slirp-glue/version.h"

const char *slirp_glue_version(void)
{
	return slirp_version_string();
}

int slirp_glue_config_version_max(void)
{
	return SLIRP_CONFIG_VERSION_MAX;
}
