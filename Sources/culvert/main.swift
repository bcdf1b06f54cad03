// SPDX-License-Identifier: MIT
import Commands

await Culvert.main()
