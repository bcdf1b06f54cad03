// SPDX-License-Identifier: MIT
import ArgumentParser
import Commands

Culvert.main()
