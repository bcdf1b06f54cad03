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
