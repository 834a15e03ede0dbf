/* What CredSSP delegates (MS-CSSP 2.2.1.2): password, smart card, or remote guard credentials. */
#ifndef ASN1_TS_CREDENTIALS_H
#define ASN1_TS_CREDENTIALS_H

#include "asn1/der.h"
#include "common/secret.h"

/* Supplemental credentials of one TSRemoteGuardCreds that are kept; Windows sends one. */
#define TS_CREDENTIALS_MAX_SUPPLEMENTAL 8

enum ts_credentials_type {
    TS_CREDENTIALS_PASSWORD = 1,
    TS_CREDENTIALS_SMART_CARD = 2,
    TS_CREDENTIALS_REMOTE_GUARD = 6,
};

/* All text is UTF-16LE without terminator; an even number of octets. */
struct ts_password_creds {
    struct byte_range domain_name;
    struct byte_range user_name;
    struct byte_range password;
};

struct ts_csp_data_detail {
    uint32_t key_spec;
    struct byte_range card_name; /* optional, as are the next three */
    struct byte_range reader_name;
    struct byte_range container_name;
    struct byte_range csp_name;
};

struct ts_smart_card_creds {
    struct byte_range pin;
    struct ts_csp_data_detail csp_data;
    struct byte_range user_hint;   /* optional */
    struct byte_range domain_hint; /* optional */
};

struct ts_remote_guard_package_cred {
    struct byte_range package_name;
    struct byte_range cred_buffer;
};

struct ts_remote_guard_creds {
    struct ts_remote_guard_package_cred logon_cred;
    bool has_supplemental_creds; /* the list may be present and empty */
    size_t supplemental_count;
    struct ts_remote_guard_package_cred supplemental_creds[TS_CREDENTIALS_MAX_SUPPLEMENTAL];
};

struct ts_credentials {
    uint32_t cred_type; /* enum ts_credentials_type, or on DER_BAD_VALUE the type that was met */
    union {
        struct ts_password_creds password;
        struct ts_smart_card_creds smart_card;
        struct ts_remote_guard_creds remote_guard;
    };
};

/*
 * Decodes a TSCredentials that is exactly input, and the structure inside. What is found points
 * into input, which holds secrets and stays the caller's to wipe. An unknown credType is
 * DER_BAD_VALUE, with credentials->cred_type set to it.
 */
enum der_error ts_credentials_decode(struct byte_range input, struct ts_credentials *credentials);

/* Encodes into *output, which the caller releases. No copy of the secrets stays elsewhere. */
enum der_error ts_credentials_encode(const struct ts_credentials *credentials,
                                     struct secret *output);

#endif
