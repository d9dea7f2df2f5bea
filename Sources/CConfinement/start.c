// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CConfinement.h"

int cc_socket_pair(int sockets[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets);
}

// Debian's libgdal brings OpenBLAS along, which starts threads while it is loaded unless told not
// to; Landlock and seccomp would then bind only one of them.
static char *const one_variable[] = {"OPENBLAS_NUM_THREADS=1", NULL};
static char *const no_variable[] = {NULL};

int cc_start(const char *program, int socket, int has_environment, pid_t *process) {
  // Out of the way of 0 to 2, which may be closed here, and of 3, which it becomes there.
  int passed = fcntl(socket, F_DUPFD_CLOEXEC, 10);
  if (passed < 0) return errno;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int error = 0;
  for (int standard = 0; standard < 3 && !error; standard++)
    error = posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0);
  if (!error) error = posix_spawn_file_actions_adddup2(&actions, passed, CC_SOCKET);
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, CC_SOCKET + 1);
  // A server ignores SIGPIPE and blocks signals, and a terminal's Ctrl-C goes to its whole group:
  // the decoder ends when its socket does, and by nothing else.
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(
    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  char *const arguments[] = {"fovea-decode", NULL};
  if (!error)
    error = posix_spawn(
      process, program, &actions, &attributes, arguments,
      has_environment ? one_variable : no_variable);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(passed);
  return error;
}
