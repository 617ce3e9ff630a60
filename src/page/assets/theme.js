// SPDX-License-Identifier: GPL-2.0-or-later
// Light or dark: as the reader's system has it, until the button says otherwise.
