// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CConfinement.h"

typedef union {
  struct cmsghdr alignment;
  char bytes[CMSG_SPACE(CC_PASSED * sizeof(int))];
} control_space;

ssize_t cc_send(
  int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
  struct iovec piece = {.iov_base = (void *)bytes, .iov_len = count};
  control_space control = {.bytes = {0}};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  if (descriptor_count > CC_PASSED) {
    errno = EINVAL;
    return -1;
  }
  if (descriptor_count > 0) {
    size_t length = (size_t)descriptor_count * sizeof(int);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(length);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(header), descriptors, length);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t cc_receive(int socket, void *bytes, size_t count, int descriptors[CC_PASSED]) {
  struct iovec piece = {.iov_base = bytes, .iov_len = count};
  control_space control = {.bytes = {0}};
  struct msghdr message = {
    .msg_iov = &piece,
    .msg_iovlen = 1,
    .msg_control = control.bytes,
    .msg_controllen = sizeof control.bytes,
  };
  for (int index = 0; index < CC_PASSED; index++) descriptors[index] = -1;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received < 0) return received;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t length = header->cmsg_len - CMSG_LEN(0);
    if (length > CC_PASSED * sizeof(int)) length = CC_PASSED * sizeof(int);
    memcpy(descriptors, CMSG_DATA(header), length);
  }
  return received;
}

int cc_answer_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC)) return -1;
  // As it is, it is only slower.
  (void)fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  return 0;
}

int cc_memory_file(const void *bytes, size_t count) {
  int file = memfd_create("fovea", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (write(file, bytes, count) == (ssize_t)count) return file;
  close(file);
  return -1;
}
