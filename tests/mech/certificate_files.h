/* Certificates made for one test: in the realm's directory, and gone with it. */
#ifndef TESTS_MECH_CERTIFICATE_FILES_H
#define TESTS_MECH_CERTIFICATE_FILES_H

#include <stdbool.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* SHA-256 in hexadecimal digits. */
#define FINGERPRINT_CHARACTERS 65

struct certificate_files {
    char certificate[512]; /* PEM: this one, and its issuer's issuers but the last */
    char key[512];         /* PEM */
    gnutls_datum_t der;
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t private_key;
    char fingerprint[FINGERPRINT_CHARACTERS];     /* of der */
    char key_fingerprint[FINGERPRINT_CHARACTERS]; /* of SubjectPublicKeyInfo */
};

/* All may be left zero but file. */
struct certificate_wish {
    const char *file; /* in the realm's directory, without its ending */
    const char *host; /* DNS name; localhost when absent */
    const char *address;
    const char *common_name;                /* and no DNS name */
    gnutls_datum_t alternative_names;       /* DER of SubjectAltName, instead of host and address */
    const char *purpose;                    /* extended key usage */
    const char *password;                   /* of the key's file */
    gnutls_pk_algorithm_t algorithm;        /* P-256 when absent */
    unsigned int bits;                      /* of an RSA key; 2048 when absent */
    const struct certificate_files *issuer; /* itself when absent */
    bool authority;
    long begins, ends; /* seconds from now; valid for a day when both are 0 */
};

/* Makes key and certificate; aborts the test when that fails. */
void certificate_files_make(struct certificate_files *files, const struct certificate_wish *wish);
void certificate_files_release(struct certificate_files *files);

#endif
