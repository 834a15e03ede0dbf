/* The logon of one cell of the matrix, made and compared with what must come of it. */
#ifndef TESTS_MECH_CELL_LOGON_H
#define TESTS_MECH_CELL_LOGON_H

#include "tests/mech/certificate_files.h"
#include "tests/mech/credssp_rule.h"

/* Registers the plugin whose roles can be old (older_versions.c), for the whole program. */
void cell_register_plugin(void);

/*
 * Puts in force what is in the configuration: minimum version, TLS, key and policy of the cell.
 * Once in a process, since the plugin reads its configuration once in a second. certificate is the
 * server's, with the cell's key, and must stay.
 */
void cell_configure(const struct cell *cell, const struct certificate_files *certificate);

/* Makes the logon and checks all that comes of it; a failure names the cell. */
void cell_check(const struct cell *cell);

/* Frees what the cells of this process had in common. */
void cell_release(void);

#endif
