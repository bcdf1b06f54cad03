// SPDX-License-Identifier: MIT
#pragma once
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CULVERT_MESSAGE_SIZE = 256 };

// Where this thread's last caught message is. In a function, for Swift's importer emits no variables.
static inline char *_Nonnull culvert_kernel_message(void) {
  static _Thread_local char text[CULVERT_MESSAGE_SIZE];
  return text;
}

// libbpf receives the kernel's extended-ACK text for a refused attachment, and only prints it:
// "libbpf: Kernel error message: TEXT\n". This catches TEXT.
static inline int culvert_catch_message(enum libbpf_print_level level, const char *format, va_list arguments) {
  (void)level;
  char line[CULVERT_MESSAGE_SIZE];
  vsnprintf(line, sizeof line, format, arguments);
  const char *text = strstr(line, "error message: ");
  if (text) {
    text = strstr(text, ": ") + 2;
    snprintf(culvert_kernel_message(), CULVERT_MESSAGE_SIZE, "%.*s", (int)strcspn(text, "\n"), text);
  }
  return 0;
}

// Why the kernel refuses to attach the program in this mode; empty if it says nothing. A device that takes the
// program this time is left without it again. The text is valid until this thread's next call.
static inline const char *_Nonnull culvert_xdp_refusal(int interface, int program, unsigned int mode) {
  libbpf_print_fn_t previous = libbpf_set_print(culvert_catch_message);
  culvert_kernel_message()[0] = 0;
  if (bpf_xdp_attach(interface, program, mode | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL) == 0) {
    LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = program);
    bpf_xdp_detach(interface, mode | XDP_FLAGS_REPLACE, &options);
  }
  libbpf_set_print(previous);
  return culvert_kernel_message();
}

// Asks for a device's XDP programs. libbpf refuses options whose padding is not zero; only C can see to that.
static inline int culvert_xdp_query(int interface, struct bpf_xdp_query_opts *_Nonnull options) {
  memset(options, 0, sizeof *options);
  options->sz = sizeof *options;
  return bpf_xdp_query(interface, 0, options);
}
