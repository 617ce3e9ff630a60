/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the live test of notification that are about the filter. */
#pragma once

#include <check.h>

TCase *filter_trap_cases(void);
TCase *filter_install_cases(void);
