/*
 * What an acceptor demands of the client's certificate: options of gss-sspi.conf(5), and elements of a
 * credential store with the same names and values.
 */
#ifndef MECH_CLIENT_DEMAND_H
#define MECH_CLIENT_DEMAND_H

#include <stdbool.h>

/* client_certificate, as it is written: "none", "request", "require". The weakest first. */
enum client_certificate_mode {
    CLIENT_CERTIFICATE_NONE,    /* not asked for */
    CLIENT_CERTIFICATE_REQUEST, /* one that is shown must be good */
    CLIENT_CERTIFICATE_REQUIRE,
};

struct client_demand {
    enum client_certificate_mode mode;
    char *trusted_certificates; /* PEM file; NULL: none is named */
};

bool client_certificate_mode_parse(const char *text, enum client_certificate_mode *mode);
const char *client_certificate_mode_text(enum client_certificate_mode mode);

#endif
