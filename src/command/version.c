/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of --version. */

#include "config.h"

#include <glib.h>
#include <seccomp.h>

#include "command/version.h"
#include "slirp-glue/version.h"

/* The slirp4netns whose command line and API the drop-in follows. */
#define SLIRP4NETNS_VERSION "1.3.2"

/* Of the libraries, one per line. */
static char *library_lines(void)
{
	const struct scmp_version *seccomp = seccomp_version();

	return g_strdup_printf("libslirp: %s\nSLIRP_CONFIG_VERSION_MAX: %d\nlibseccomp: %u.%u.%u\n",
			       slirp_glue_version(), slirp_glue_config_version_max(),
			       seccomp->major, seccomp->minor, seccomp->micro);
}

char *version_text(void)
{
	g_autofree char *libraries = library_lines();

	return g_strdup_printf("slirpway %s\n%s", PACKAGE_VERSION, libraries);
}

char *version_slirp4netns_text(void)
{
	g_autofree char *libraries = library_lines();

	return g_strdup_printf("slirp4netns version %s+slirpway-%s\ncommit: slirpway-%s\n%s",
			       SLIRP4NETNS_VERSION, PACKAGE_VERSION, PACKAGE_VERSION, libraries);
}
