// SPDX-License-Identifier: MIT
// What the kernel offers an XDP program: its context, the helpers (by the numbers of linux/bpf.h) and the maps.
// Every wrapper is inlined: a BPF program calls nothing but helpers.
#pragma once

#define KERNEL_INLINE static inline __attribute__((always_inline))

typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md {
  u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

// The kernel turns these 32-bit fields into pointers while it loads the program.
KERNEL_INLINE void *_Nonnull xdp_data(const struct xdp_md *_Nonnull context) {
  return (void *)(unsigned long)context->data;
}
KERNEL_INLINE void *_Nonnull xdp_data_end(const struct xdp_md *_Nonnull context) {
  return (void *)(unsigned long)context->data_end;
}

// The compiler would subtract in 32 bits, which the verifier allows for numbers only.
KERNEL_INLINE long xdp_length(const struct xdp_md *_Nonnull context) {
  long length = (char *)xdp_data_end(context) - (char *)xdp_data(context);
  __asm__ volatile("" : "+r"(length));
  return length;
}

// What was written to memory before is read from memory behind.
KERNEL_INLINE void memory_barrier(void) { __asm__ volatile("" ::: "memory"); }

KERNEL_INLINE void *_Nullable bpf_map_lookup_elem(const void *_Nonnull map, const void *_Nonnull key) {
  return ((void *(*)(const void *, const void *))1)(map, key);
}
KERNEL_INLINE long bpf_map_update_elem(
    const void *_Nonnull map, const void *_Nonnull key, const void *_Nonnull value, u64 flags) {
  return ((long (*)(const void *, const void *, const void *, u64))2)(map, key, value, flags);
}
KERNEL_INLINE long bpf_redirect(u32 ifindex, u64 flags) {
  return ((long (*)(u32, u64))23)(ifindex, flags);
}
KERNEL_INLINE long bpf_xdp_adjust_head(const struct xdp_md *_Nonnull context, int delta) {
  return ((long (*)(const struct xdp_md *, int))44)(context, delta);
}
KERNEL_INLINE long bpf_xdp_adjust_tail(const struct xdp_md *_Nonnull context, int delta) {
  return ((long (*)(const struct xdp_md *, int))65)(context, delta);
}
KERNEL_INLINE u64 bpf_ktime_get_coarse_ns(void) { return ((u64(*)(void))160)(); }

// A map is a symbol that the loader replaces by the map's descriptor. `MapName` on the host has the same names.
#define KERNEL_MAP(name)     \
  extern const char name;    \
  KERNEL_INLINE const void *_Nonnull name##_map(void) { return &name; }

KERNEL_MAP(settings)
KERNEL_MAP(services)
KERNEL_MAP(virtual_addresses)
KERNEL_MAP(port_tables)
KERNEL_MAP(source_filter)
KERNEL_MAP(slots)
KERNEL_MAP(transitions)
KERNEL_MAP(destinations)
KERNEL_MAP(flows)
KERNEL_MAP(fragments)
KERNEL_MAP(allowances)
KERNEL_MAP(scratch)
KERNEL_MAP(traffic)
KERNEL_MAP(verdicts)
KERNEL_MAP(tunnel_settings)
KERNEL_MAP(addresses)
KERNEL_MAP(decapsulated)
KERNEL_MAP(benchmark)
