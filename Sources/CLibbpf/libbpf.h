// SPDX-License-Identifier: MIT
#pragma once
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// libbpf receives the kernel's extended-ACK text for a refused attachment, and only prints it. This catches it.
static _Thread_local char culvert_kernel_message[256];

static int culvert_catch_message(enum libbpf_print_level level, const char *format, va_list arguments) {
  (void)level;
  // "libbpf: Kernel error message: %s\n"
  char line[sizeof culvert_kernel_message];
  vsnprintf(line, sizeof line, format, arguments);
  const char *text = strstr(line, "error message: ");
  if (text) {
    text = strstr(text, ": ") + 2;
    snprintf(culvert_kernel_message, sizeof culvert_kernel_message, "%.*s", (int)strcspn(text, "\n"), text);
  }
  return 0;
}

// Why the kernel refuses to attach the program in this mode; empty if it says nothing. A device that takes the
// program this time is left without it again.
static inline const char *_Nullable culvert_xdp_refusal(int interface, int program, unsigned int mode) {
  libbpf_print_fn_t previous = libbpf_set_print(culvert_catch_message);
  culvert_kernel_message[0] = 0;
  if (bpf_xdp_attach(interface, program, mode | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL) == 0) {
    LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = program);
    bpf_xdp_detach(interface, mode | XDP_FLAGS_REPLACE, &options);
  }
  libbpf_set_print(previous);
  return culvert_kernel_message;
}
