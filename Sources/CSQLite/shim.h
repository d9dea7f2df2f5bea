#ifndef FOVEA_CSQLITE_SHIM_H
#define FOVEA_CSQLITE_SHIM_H

// sqlite3_db_config is variadic, and Swift imports no variadic C function.

#include <sqlite3.h>

/// Sets one of the on/off options of a connection and returns SQLite's result code.
static inline int fovea_sqlite_db_config_flag(sqlite3 *database, int option, int on, int *now) {
  return sqlite3_db_config(database, option, on, now);
}

#endif
