/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the live test of src/namespace. */
#pragma once

#include <check.h>
#include <stdbool.h>

TCase *namespace_make_cases(bool have_subordinates);
TCase *namespace_device_cases(bool have_tun);
TCase *namespace_veth_cases(void);
TCase *namespace_frame_cases(bool have_tun);
TCase *namespace_join_cases(bool have_tun);
TCase *namespace_lifetime_cases(void);
