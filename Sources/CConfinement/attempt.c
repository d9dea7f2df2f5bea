// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CConfinement.h"

#ifdef FOVEA_TEST_HOOKS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int outcome(long result) { return result < 0 ? errno : 0; }

static _Noreturn void spin(void) {
  for (volatile long turn = 0;; turn++) {
  }
}

int cc_attempt(int what) {
  switch (what) {
  case CC_TRY_OPEN: return outcome(open("/etc/passwd", O_RDONLY));
  case CC_TRY_OPENAT2: return outcome(syscall(437, -1, "/etc/passwd", NULL, 0));
  case CC_TRY_SOCKET: return outcome(socket(AF_INET, SOCK_STREAM, 0));
  case CC_TRY_FORK: return outcome(fork());
  case CC_TRY_EXEC: return outcome(execl("/bin/true", "true", (char *)NULL));
  case CC_TRY_CODE:
    return mmap(0, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
             ? errno
             : 0;
  case CC_TRY_KILL: return outcome(kill(getppid(), 0));
  case CC_TRY_MEMORY: {
    volatile char *memory = malloc(4ul << 30);
    if (memory == NULL) return errno;
    memory[0] = 1;
    return 0;
  }
  case CC_TRY_SPIN: spin();
  case CC_TRY_WRITE: return outcome(write(2, "x", 1));
  // Neither computes nor ends: nobody wakes it.
  case CC_TRY_SLEEP:
    for (;;) {
      int word = 0;
      syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0);
    }
  case CC_TRY_CRASH: __builtin_trap();
  default: return 0;
  }
}

#else

int cc_attempt(int what) {
  (void)what;
  return 0;
}

#endif
