// SPDX-License-Identifier: MIT

/// The C texts of the programs that the tests use.
enum Fixture {
  /// Counts packets in element 0 of the array `packets`, and lets them pass.
  static let counter = """
    extern char packets;
    SECTION("xdp") int count(struct xdp_md *context) {
      unsigned key = 0;
      unsigned long long *count = lookup(&packets, &key);
      if (count) *count += 1;
      return 2;
    }
    SECTION("license") char _license[] = "Dual MIT/GPL";
    """

  /// Writes ab over the first byte of the packet and sends it back.
  static let editor = """
    SECTION("xdp") int edit(struct xdp_md *context) {
      unsigned char *start = (void *)(long)context->data, *end = (void *)(long)context->data_end;
      if (start + 14 > end) return 1;
      start[0] = 0xab;
      return 3;
    }
    """

  /// Reads a byte of the packet without having looked where the packet ends.
  static let careless = """
    SECTION("xdp") int careless(struct xdp_md *context) {
      unsigned char *start = (void *)(long)context->data;
      return start[20] & 1;
    }
    """

  /// Returns the index of the device that the packet came from.
  static let ingress = """
    SECTION("xdp") int ingress(struct xdp_md *context) { return context->ingress_ifindex; }
    """
}
