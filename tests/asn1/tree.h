/*
 * The oracle: the same messages decoded by libtasn1 with the grammars of asn1/ as asn1Parser
 * compiled them, in its strict mode.
 */
#ifndef TESTS_ASN1_TREE_H
#define TESTS_ASN1_TREE_H

#include "asn1/neg_token.h"
#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"

/* Loads the grammars; tree_free() releases them. */
void tree_load(void);
void tree_free(void);

/*
 * True when the tree accepts input. *equal says whether it has the values of ours, which is NULL
 * when ours was refused and there is nothing to compare.
 */
bool tree_accepts_neg_token(struct byte_range input, const struct neg_token *ours, bool *equal);
bool tree_accepts_ts_request(struct byte_range input, const struct ts_request *ours, bool *equal);
bool tree_accepts_ts_credentials(struct byte_range input, const struct ts_credentials *ours,
                                 bool *equal);

#endif
