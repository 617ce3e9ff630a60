/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of --version. */
#pragma once

/* For slirpway itself; the caller frees it. */
char *version_text(void);

/*
 * In the form that callers of slirp4netns(1) read: the version of it whose flags we follow, ours
 * behind a '+', then commit, libslirp, SLIRP_CONFIG_VERSION_MAX and libseccomp. The caller frees
 * it.
 */
char *version_slirp4netns_text(void);
