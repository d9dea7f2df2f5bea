// SPDX-License-Identifier: Apache-2.0
#ifndef FOVEA_CKERNELS_CLONES_H
#define FOVEA_CKERNELS_CLONES_H

// The compiler makes one copy of a function for each level, and the loader takes the best that
// the machine has. No machine is asked for more than its baseline.
#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

#endif
