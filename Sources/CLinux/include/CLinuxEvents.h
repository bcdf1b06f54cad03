// SPDX-License-Identifier: MIT
#pragma once
#include <sys/signalfd.h>
#include <sys/timerfd.h>
