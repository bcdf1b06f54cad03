// SPDX-License-Identifier: MIT
#pragma once
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>

/// `struct mmsghdr`, which glibc declares only under _GNU_SOURCE.
struct linux_message {
  struct msghdr header;
  unsigned int length;
};

/// sendmmsg(2): how many of the messages were sent, or -1 with errno.
static inline int linux_send_messages(int socket, struct linux_message *messages, unsigned int count, int flags) {
  return (int)syscall(SYS_sendmmsg, socket, messages, count, flags);
}

/// `struct ifreq` as far as it is used here: <net/if.h> and <linux/if.h> each define it, in conflict once imported.
struct linux_interface_request {
  char name[16];
  union {
    int mtu;
    void *data;
    char size[24];
  };
};

static inline struct linux_interface_request linux_interface_request(const char *interface) {
  struct linux_interface_request request;
  memset(&request, 0, sizeof(request));
  strncpy(request.name, interface, sizeof(request.name) - 1);
  return request;
}

/// An ethtool request that takes or gives one number, about the interface of this name; 0 or -1 with errno.
static inline int linux_ethtool(int socket, const char *interface, struct ethtool_value *value) {
  struct linux_interface_request request = linux_interface_request(interface);
  request.data = value;
  return ioctl(socket, SIOCETHTOOL, &request);
}

/// The MTU of the interface of this name, or -1 with errno.
static inline int linux_interface_mtu(int socket, const char *interface) {
  struct linux_interface_request request = linux_interface_request(interface);
  return ioctl(socket, SIOCGIFMTU, &request) == 0 ? request.mtu : -1;
}

/// What ethtool(8) calls features, at most.
enum { LINUX_ETHTOOL_FEATURES = 128 };

/// The place of the feature of this name, or -1 with errno: ENOENT where the kernel does not know it.
static inline int linux_ethtool_feature_place(int socket, const char *interface, const char *feature) {
  // `struct ethtool_sset_info` and `struct ethtool_gstrings` with what follows them.
  struct {
    __u32 command, reserved;
    __u64 sets;
    __u32 count;
  } sizes = {.command = ETHTOOL_GSSET_INFO, .sets = 1ULL << ETH_SS_FEATURES};
  struct {
    __u32 command, set, count;
    char names[LINUX_ETHTOOL_FEATURES][ETH_GSTRING_LEN];
  } strings = {.command = ETHTOOL_GSTRINGS, .set = ETH_SS_FEATURES};
  struct linux_interface_request request = linux_interface_request(interface);
  request.data = &sizes;
  if (ioctl(socket, SIOCETHTOOL, &request) != 0) return -1;
  if (sizes.count > LINUX_ETHTOOL_FEATURES) {
    errno = E2BIG;
    return -1;
  }
  strings.count = sizes.count;
  request.data = &strings;
  if (ioctl(socket, SIOCETHTOOL, &request) != 0) return -1;
  for (__u32 place = 0; place < sizes.count; place++) {
    if (strncmp(strings.names[place], feature, ETH_GSTRING_LEN) == 0) return (int)place;
  }
  errno = ENOENT;
  return -1;
}

/// Whether the feature of this name is on, and whether anybody may switch it; 0 or -1 with errno.
static inline int linux_ethtool_feature(
    int socket, const char *interface, const char *feature, int *is_on, int *is_changeable) {
  int place = linux_ethtool_feature_place(socket, interface, feature);
  if (place < 0) return -1;
  // `struct ethtool_gfeatures` with what follows it.
  struct {
    __u32 command, size;
    struct ethtool_get_features_block blocks[LINUX_ETHTOOL_FEATURES / 32];
  } state = {.command = ETHTOOL_GFEATURES, .size = LINUX_ETHTOOL_FEATURES / 32};
  struct linux_interface_request request = linux_interface_request(interface);
  request.data = &state;
  if (ioctl(socket, SIOCETHTOOL, &request) != 0) return -1;
  struct ethtool_get_features_block *block = &state.blocks[place / 32];
  *is_on = block->active >> place % 32 & 1;
  *is_changeable = block->available >> place % 32 & 1;
  return 0;
}

/// recvmsg(2) of a packet socket with PACKET_AUXDATA: the bytes of the packet, at most `size` of which are stored; or -1 with
/// errno. `is_trusted` says whether the kernel knows that the checksum is right, or that it is not finished yet.
static inline ssize_t linux_receive_packet(int socket, void *buffer, size_t size, int *is_trusted) {
  char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
  struct iovec vector = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(socket, &message, 0);
  *is_trusted = 0;
  if (count < 0) return -1;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    struct tpacket_auxdata data;
    memcpy(&data, CMSG_DATA(part), sizeof data);
    *is_trusted = (data.tp_status & (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID)) != 0;
  }
  return count;
}
