// SPDX-License-Identifier: MIT
#pragma once
#include <libmnl/libmnl.h>
