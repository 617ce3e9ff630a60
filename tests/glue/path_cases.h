/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The groups of cases of test_path. */
#pragma once

#include <check.h>

TCase *path_forward_cases(void);
TCase *path_hostile_cases(void);
TCase *path_limit_cases(void);
TCase *path_offload_cases(void);
