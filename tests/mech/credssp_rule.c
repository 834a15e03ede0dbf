#include "tests/mech/credssp_rule.h"

#include <stdio.h>

#include "gssapi_sspi.h"
#include "mech/gss_sspi_errors.h"

/* MS-CSSP 2.2.1: errorCode is for versions 3, 4 and 6. */
#define FIRST_WITH_ERROR_CODE 3
#define WITHOUT_ERROR_CODE    5

/* Whatever the logon inside is, TLS protects messages, and keeps their order (MS-CSSP 1.3). */
#define TLS_FLAGS (GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)

bool cell_is_kerberos(const struct cell *cell)
{
    return cell->inner == SPNEGO_KERBEROS || cell->inner == RAW_KERBEROS;
}

/* MS-CSSP 2.2.1: the lower of the two. */
uint32_t cell_version(const struct cell *cell)
{
    return cell->initiator_version < cell->acceptor_version ? cell->initiator_version
                                                            : cell->acceptor_version;
}

static bool initiator_must_be_crafted(const struct cell *cell)
{
    return cell->inner == RAW_NTLM || cell->inner == RAW_KERBEROS ||
           cell->credentials == REMOTE_GUARD;
}

bool cell_has_crafted_initiator(const struct cell *cell)
{
    return initiator_must_be_crafted(cell) ||
           (cell->initiator_version < HIGHEST_VERSION && cell->acceptor_version == HIGHEST_VERSION);
}

bool cell_has_crafted_acceptor(const struct cell *cell)
{
    return !initiator_must_be_crafted(cell) && cell->initiator_version == HIGHEST_VERSION &&
           cell->acceptor_version < HIGHEST_VERSION;
}

/* A ticket goes with the logon inside, which must be Kerberos. */
static bool ticket_is_forwarded(const struct cell *cell)
{
    return cell->credentials == TICKET && cell_is_kerberos(cell);
}

/*
 * Before the initiator's first token. A ticket goes to a server that Kerberos proves, and not over
 * NTLM: the lists for NTLM alone allow nothing.
 */
static bool denied_at_once(const struct cell *cell)
{
    if (cell_has_crafted_initiator(cell) || cell->credentials == EMPTY)
        return false;
    return cell->policy == DENIED || (cell->policy == NTLM_ONLY && cell->credentials == TICKET);
}

/* When it is known what proved who the server is, and the list for that has not got it. */
static bool denied_later(const struct cell *cell)
{
    if (cell_has_crafted_initiator(cell) ||
        (cell->credentials != PASSWORD && cell->credentials != SMART_CARD))
        return false;
    return cell->policy == (cell_is_kerberos(cell) ? NTLM_ONLY : PROVED_ONLY);
}

/* The acceptor sees the other side's version first; the initiator where there is an answer. */
static void expect_version_refused(const struct cell *cell, struct expectation *expected)
{
    uint32_t version = cell_version(cell);

    if (cell_has_crafted_acceptor(cell)) {
        expected->initiator_code = GSS_SSPI_E_VERSION;
        return;
    }
    expected->acceptor_code = GSS_SSPI_E_VERSION;
    expected->told = version >= FIRST_WITH_ERROR_CODE && version != WITHOUT_ERROR_CODE;
    if (expected->told && !cell_has_crafted_initiator(cell))
        expected->initiator_code = GSS_SSPI_E_VERSION;
}

static uint32_t type_of(enum cell_credentials credentials)
{
    switch (credentials) {
    case PASSWORD:
        return GSS_SSPI_CREDENTIALS_PASSWORD;
    case SMART_CARD:
        return GSS_SSPI_CREDENTIALS_SMART_CARD;
    case REMOTE_GUARD:
        return GSS_SSPI_CREDENTIALS_REMOTE_GUARD;
    case EMPTY:
    case TICKET:
    default:
        return 0;
    }
}

static void expect_accepted(const struct cell *cell, struct expectation *expected)
{
    /*
     * RFC 4121's and MS-NLMP's answers to the question who the server is; no certificate is
     * checked.
     */
    OM_uint32 mutual = cell_is_kerberos(cell) ? GSS_C_MUTUAL_FLAG : 0;

    expected->accepted = true;
    expected->credentials_type = type_of(cell->credentials);
    expected->initiator_flags = expected->acceptor_flags = TLS_FLAGS | mutual;
    if (cell->credentials == PASSWORD || cell->credentials == SMART_CARD ||
        ticket_is_forwarded(cell))
        expected->initiator_flags |= GSS_C_DELEG_FLAG;
    /* GSS-API has no credential of a card, nor of remote guard. */
    expected->credential = cell->credentials == PASSWORD || ticket_is_forwarded(cell);
    if (expected->credential)
        expected->acceptor_flags |= GSS_C_DELEG_FLAG;
}

struct expectation cell_expectation(const struct cell *cell)
{
    struct expectation expected = {.accepted = false};

    if (denied_at_once(cell)) {
        expected.nothing_sent = true;
        expected.initiator_code = GSS_SSPI_E_DELEGATION_POLICY;
    } else if (cell_version(cell) < cell->minimum) {
        expect_version_refused(cell, &expected);
    } else if (denied_later(cell)) {
        expected.initiator_code = cell->policy == PROVED_ONLY ? GSS_SSPI_E_DELEGATION_NTLM_ONLY
                                                              : GSS_SSPI_E_DELEGATION_POLICY;
    } else {
        expect_accepted(cell, &expected);
    }
    return expected;
}

const char *cell_text(const struct cell *cell)
{
    static const char *const keys[KEYS] = {"RSA", "P-256", "Ed25519"};
    static const char *const inners[INNERS] = {"Kerberos by SPNEGO", "NTLM by SPNEGO", "raw NTLM",
                                               "raw Kerberos"};
    static const char *const credentials[CREDENTIALS] = {"password", "smart card", "remote guard",
                                                         "empty", "ticket"};
    static const char *const policies[POLICIES] = {"allowed", "denied", "not over NTLM",
                                                   "over NTLM only"};
    static char text[256];

    (void)snprintf(text, sizeof text,
                   "versions %u to %u (minimum %u), TLS 1.%d, %s, %s, credentials: %s, policy: %s",
                   cell->initiator_version, cell->acceptor_version, cell->minimum,
                   cell->tls_1_2 ? 2 : 3, keys[cell->key], inners[cell->inner],
                   credentials[cell->credentials], policies[cell->policy]);
    return text;
}
