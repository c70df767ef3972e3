#ifndef CSQLITE_H
#define CSQLITE_H

// What of SQLite's C interface Swift can't call itself, because it takes a variable number of arguments.

/// Turns SQLITE_DBCONFIG_DEFENSIVE for `connection`, a `sqlite3 *`, on or off: while it is on, no SQL can damage the
/// file on purpose.
/// Gives SQLite's result code. https://www.sqlite.org/c3ref/c_dbconfig_defensive.html
int sqlite_set_defensive(void *connection, int is_on);

#endif
