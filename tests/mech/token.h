/* A PKCS#11 token in the realm's directory, by SoftHSM. */
#ifndef TESTS_MECH_TOKEN_H
#define TESTS_MECH_TOKEN_H

#include "tests/mech/certificate_files.h"

#define TOKEN     "pkcs11:token=gss-sspi"
#define TOKEN_PIN "87654321"

/* Makes the token, with the certificate and key of files in it under this name. */
void token_make(const struct certificate_files *files, const char *object);

#endif
