// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CConfinement.h"

// MARK: Limits and privileges

static int limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit value = {.rlim_cur = soft, .rlim_max = hard};
  return setrlimit(resource, &value);
}

int cc_limit(const cc_limits *limits) {
  // At the soft limit of time comes SIGXCPU, whose name says why; the hard one is for who survives.
  if (limit(RLIMIT_AS, limits->address_space_bytes, limits->address_space_bytes)) return -1;
  if (limit(RLIMIT_CPU, limits->cpu_seconds, limits->cpu_seconds + 5)) return -1;
  if (limit(RLIMIT_FSIZE, 0, 0) || limit(RLIMIT_NOFILE, 16, 16)) return -1;
  if (limit(RLIMIT_NPROC, 0, 0) || limit(RLIMIT_CORE, 0, 0)) return -1;
  return limit(RLIMIT_MEMLOCK, 0, 0);
}

int cc_give_up_privileges(pid_t parent) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -1;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) return -1;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) return -1;
  // A parent that died before the call above sends no signal any more.
  if (getppid() == parent) return 0;
  errno = ESRCH;
  return -1;
}

// MARK: Landlock

// Newer than Debian 12's linux/landlock.h, which knows the first field only.
struct landlock_rights {
  uint64_t files, network, scopes;
};

int cc_landlock_version(void) {
  return (int)syscall(
    SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

int cc_restrict_by_landlock(void) {
  int version = cc_landlock_version();
  if (version < 1) {
    if (version == 0) errno = ENOSYS;
    return -1;
  }
  // Each right that is handled and granted by no rule is gone; there is no rule. Version 1 has
  // thirteen rights to files, later ones add rename across folders (2), truncate (3), ioctl of
  // devices (5), TCP bind and connect (4), abstract sockets and signals (6).
  struct landlock_rights all = {.files = 0x1fff};
  if (version >= 2) all.files |= 1u << 13;
  if (version >= 3) all.files |= 1u << 14;
  if (version >= 5) all.files |= 1u << 15;
  if (version >= 4) all.network = 3;
  if (version >= 6) all.scopes = 3;
  size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  int rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
  if (rules < 0) return -1;
  int result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
  return result;
}

// MARK: Seccomp

int cc_has_seccomp(void) {
  uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static scmp_filter_ctx filter;

// What decoding in memory needs.
static const int allowed[] = {
  SCMP_SYS(read),          SCMP_SYS(pread64),        SCMP_SYS(lseek),
  SCMP_SYS(close),         SCMP_SYS(fstat),          SCMP_SYS(brk),
  SCMP_SYS(munmap),        SCMP_SYS(madvise),        SCMP_SYS(mremap),
  SCMP_SYS(futex),         SCMP_SYS(rt_sigreturn),   SCMP_SYS(rt_sigprocmask),
  SCMP_SYS(rt_sigaction),  SCMP_SYS(exit),           SCMP_SYS(exit_group),
  SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),      SCMP_SYS(sysinfo),
  SCMP_SYS(getpid),        SCMP_SYS(gettid),         SCMP_SYS(sched_yield),
  SCMP_SYS(getrusage),     SCMP_SYS(uname),          SCMP_SYS(sched_getaffinity),
  SCMP_SYS(restart_syscall),
};

// What libraries look for and can do without. tgkill is abort's: refused, it ends by a fault.
static const int refused[] = {
  SCMP_SYS(open),   SCMP_SYS(openat),   SCMP_SYS(stat),   SCMP_SYS(lstat),    SCMP_SYS(newfstatat),
  SCMP_SYS(statx),  SCMP_SYS(access),   SCMP_SYS(readlink), SCMP_SYS(getcwd), SCMP_SYS(ioctl),
  SCMP_SYS(fcntl),  SCMP_SYS(prlimit64), SCMP_SYS(tgkill),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int add_rules(void) {
  int error = 0;
  for (size_t index = 0; index < COUNT(allowed) && !error; index++)
    error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[index], 0);
  for (size_t index = 0; index < COUNT(refused) && !error; index++)
    error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[index], 0);
  struct scmp_arg_cmp to_answer = SCMP_A0(SCMP_CMP_EQ, CC_ANSWER);
  if (!error) error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to_answer);
  // Memory that can be run is never made: neither mapped nor protected so.
  struct scmp_arg_cmp without_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  if (!error) error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, without_code);
  if (!error)
    error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, without_code);
  return error;
}

int cc_prepare_filter(void) {
  filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  int error = filter == NULL ? -ENOMEM : add_rules();
  if (!error) return 0;
  errno = -error;
  return -1;
}

int cc_load_filter(void) {
  int error = filter == NULL ? -EINVAL : seccomp_load(filter);
  if (!error) return 0;
  errno = -error;
  return -1;
}
