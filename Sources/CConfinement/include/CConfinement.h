// SPDX-License-Identifier: Apache-2.0
#ifndef FOVEA_CCONFINEMENT_H
#define FOVEA_CCONFINEMENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What Swift cannot say by itself: starting the decoder, forking it, passing file descriptors, and
// giving up every right of a process before it reads bytes from outside. Functions that can fail
// return -1, or a null pointer, and leave the reason in errno, unless their comment says otherwise.

enum {
  /// The decoder's descriptors: its way to the program that started it, in the process that forks;
  /// the input and the answer in the ones that decode.
  CC_SOCKET = 3,
  CC_INPUT = 3,
  CC_ANSWER = 4,
  /// The descriptors of one request.
  CC_PASSED = 2,
};

// MARK: The program that asks (start.c, messages.c)

/// Starts `program` with nothing but `socket` as its descriptor 3: an environment of one variable
/// (of none where `has_environment` is 0, which only tests want), no other descriptor, default
/// signals, a process group of its own. Returns 0 or the error's number.
int cc_start(const char *program, int socket, int has_environment, pid_t *process);

/// Makes a connected pair of sockets that keep messages apart; neither outlives an exec.
int cc_socket_pair(int sockets[2]);

/// Sends one message with `descriptor_count` descriptors; never raises SIGPIPE.
ssize_t cc_send(
  int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count);

/// Waits for one message; puts its descriptors, which do not outlive an exec, into `descriptors`,
/// and -1 where there is none. Returns 0 where the other end is closed.
ssize_t cc_receive(int socket, void *bytes, size_t count, int descriptors[CC_PASSED]);

/// Makes a pipe that takes much at once; neither end outlives an exec.
int cc_answer_pipe(int ends[2]);

/// A file without a name that holds `bytes`.
int cc_memory_file(const void *bytes, size_t count);

// MARK: The process that forks (process.c)

/// Forks; to be called by a process of one thread only.
pid_t cc_fork(void);

/// The threads of this process.
int cc_thread_count(void);

/// A descriptor that becomes readable when the process ends.
int cc_process_descriptor(pid_t process);

/// Makes the two descriptors this process's 3 and 4, and closes all others but 0 to 2.
int cc_keep_only(int input, int answer);

// MARK: The process that decodes (confine.c)

/// What a process that decodes may use.
typedef struct {
  uint64_t address_space_bytes;
  uint32_t cpu_seconds;
} cc_limits;

/// Whether the kernel filters system calls as we need it.
int cc_has_seccomp(void);

/// The version of the kernel's Landlock; less than 1 where there is none.
int cc_landlock_version(void);

/// Prepares the filter of system calls, once, so that each process only has to load it.
int cc_prepare_filter(void);

/// Limits memory, time, files, processes; no core file, no locked memory, nothing is written.
int cc_limit(const cc_limits *limits);

/// No new privileges, no tracing, no core file, and an end with the parent, whose id is given.
int cc_give_up_privileges(pid_t parent);

/// Takes away every access to files by path, to TCP, abstract sockets and other processes' signals
/// that this kernel's Landlock knows of.
int cc_restrict_by_landlock(void);

/// Loads the prepared filter: what is not on its list ends the process.
int cc_load_filter(void);

/// From now on memory is handed out full of zeros, so that nothing depends on what stood there.
void cc_hand_out_empty_memory(void);

/// Tries what a confined process must not do, for tests; does nothing in an installed program.
/// Returns the number of the error where it was refused, 0 where it was allowed.
int cc_attempt(int what);

/// What ``cc_attempt`` can try.
enum {
  CC_TRY_OPEN = 1,
  CC_TRY_OPENAT2,
  CC_TRY_SOCKET,
  CC_TRY_FORK,
  CC_TRY_EXEC,
  CC_TRY_CODE,
  CC_TRY_KILL,
  CC_TRY_MEMORY,
  CC_TRY_SPIN,
  CC_TRY_WRITE,
  CC_TRY_SLEEP,
  CC_TRY_CRASH,
};

#endif
