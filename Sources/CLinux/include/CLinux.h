// SPDX-License-Identifier: MIT
// What Swift's Glibc module does not show: calls behind _GNU_SOURCE, and constants of headers that it leaves out.
// One header a subject; this one only gathers them.
#pragma once
#include "CLinuxBPF.h"
#include "CLinuxCapabilities.h"
#include "CLinuxEvents.h"
#include "CLinuxMemory.h"
#include "CLinuxMounts.h"
#include "CLinuxNamespaces.h"
#include "CLinuxNetlink.h"
#include "CLinuxPacket.h"
#include "CLinuxProcesses.h"
#include "CLinuxSockets.h"
