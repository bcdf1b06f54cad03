#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles Sources/Programs, with the very Wire and DataPlane that the host uses, to an eBPF object, and wraps the object
# in a Swift file.
#
# Embedded Swift has no standard library for BPF. It has one for bare-metal riscv64, whose data layout is BPF's letter for
# letter: so the sources become LLVM IR for riscv64, the linker drops all that the programs do not reach, and clang's BPF
# backend takes it from there. Nothing but the Swift toolchain is needed. See docs/architecture.md.
#
# usage: compile.sh TOOLCHAIN-BIN SOURCES WORK-DIRECTORY OUTPUT.swift
set -eu
tools=$1 sources=$2 work=$3 output=$4

# All that survives linking: the programs' entry points.
entries='culvert_director culvert_verdict culvert_decapsulate culvert_pass culvert_benchmark culvert_benchmark_idle'

# -Ounchecked: a trap is a call, and the kernel's verifier refuses it.
embedded() {
  module=$1
  shift
  find "$sources/$module" -name '*.swift' | sort | xargs "$tools/swiftc" \
    -target riscv64-none-none-eabi -swift-version 6 -wmo -Ounchecked -parse-as-library -warnings-as-errors \
    -enable-experimental-feature Embedded -enable-upcoming-feature InternalImportsByDefault \
    -Xcc -fno-builtin -Xfrontend -disable-stack-protector -I "$work" -module-name "$module" "$@"
}

embedded Wire -emit-module -emit-module-path "$work/Wire.swiftmodule"
embedded DataPlane -emit-module -emit-module-path "$work/DataPlane.swiftmodule"
# -emit-ir, because -emit-bc crashes Swift 6.3.1 in Embedded mode.
embedded Programs -I "$sources/Programs/include" -emit-ir -o "$work/programs.ll"

"$tools/clang" -target riscv64-none-none-eabi -c -emit-llvm -x ir -o "$work/programs.bc" "$work/programs.ll"
roots=$(printf -- '-u %s ' $entries)
# shellcheck disable=SC2086 # one option a word
"$tools/ld.lld" -m elf64lriscv --plugin-opt=emit-llvm --lto-O3 -e culvert_director $roots \
  --unresolved-symbols=ignore-all -o "$work/reached.bc" "$work/programs.bc"
"$tools/clang" -target bpfel -mcpu=v3 -O2 -Wno-override-module -c -x ir -o "$work/programs.o" "$work/reached.bc"

# Hexadecimal digits in a static string: a literal of bytes takes the type checker minutes.
{
  printf 'let programsObject: StaticString = "'
  od -An -v -tx1 "$work/programs.o" | tr -d ' \n'
  printf '"\n'
} >"$output"
