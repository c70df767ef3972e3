#include "CSQLite.h"

#include <sqlite3.h>
#include <stddef.h>

int sqlite_set_defensive(void *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
}
