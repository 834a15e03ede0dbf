/* Credentials for the cells of the matrix: those to log on with, and those to delegate. */
#ifndef TESTS_MECH_CELL_CREDENTIALS_H
#define TESTS_MECH_CELL_CREDENTIALS_H

#include "common/byte_range.h"
#include "tests/mech/credssp_rule.h"
#include "tests/mech/exchange.h"

/*
 * What the plugin's initiator logs on with, and delegates; kept for other cells of the same kind.
 */
gss_cred_id_t cell_plugin_credential(const struct cell *cell);

/* What a crafted initiator logs on with; kept as well. */
gss_cred_id_t cell_crafted_credential(const struct cell *cell);

/* TSCredentials, encoded; those of EMPTY and TICKET hold three empty texts. */
struct byte_range cell_credentials_encoded(enum cell_credentials credentials);

/* Whether the acceptor's program gets just that, and no answer to questions about other types. */
bool cell_credentials_arrived(gss_ctx_id_t acceptor, enum cell_credentials credentials);

/* Frees what was kept. */
void cell_credentials_release(void);

#endif
