#include "CSQLite.h"

#include <sqlite3.h>
#include <stddef.h>

int sqlite_set_defensive(void *connection, int is_on) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, is_on, (int *)NULL);
}
