/* The client's certificate: a client that is asked for one, and a server that looks at it. */
#include "mech/client_certificate.h"
#include "mech/status.h"
#include "mech/tls_session.h"
#include "mech/trace.h"

/* Whether the server takes signatures of the certificate's key. */
static bool can_sign(gnutls_session_t session, const struct client_certificate *certificate)
{
    gnutls_pk_algorithm_t key =
        (gnutls_pk_algorithm_t)gnutls_pubkey_get_pk_algorithm(certificate->chain[0].pubkey, NULL);
    gnutls_sign_algorithm_t algorithm;

    for (size_t i = 0; gnutls_sign_algorithm_get_requested(session, i, &algorithm) >= 0; i++) {
        if (gnutls_sign_supports_pk_algorithm(algorithm, key))
            return true;
    }
    return false;
}

/* Without a list of authorities the server takes any (RFC 5246 7.4.4). */
static bool is_admitted(gnutls_session_t session, const struct client_certificate *certificate,
                        const struct gnutls_cert_retr_st *asked)
{
    if (asked->nreqs != 0 &&
        !client_certificate_is_issued_by(certificate, asked->req_ca_rdn, asked->nreqs)) {
        trace("certificate: the server's list of authorities does not admit the client's");
        return false;
    }
    if (!can_sign(session, certificate)) {
        trace("certificate: the server takes no signatures of the client's key");
        return false;
    }
    return true;
}

int tls_choose_client_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *asked,
                                  gnutls_pcert_st **chain, unsigned int *count,
                                  gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count,
                                  gnutls_privkey_t *key, unsigned int *flags)
{
    struct tls_session *tls = gnutls_transport_get_ptr(session);

    (void)flags; /* they stay the session's own: nothing is freed by GnuTLS */
    *chain = NULL;
    *count = 0;
    *ocsp = NULL;
    *ocsp_count = 0;
    *key = NULL;
    if (tls->own_source == NULL || tls->own_source->certificate == NULL) {
        trace("certificate: the server asks for the client's, and there is none");
        return 0;
    }
    if (tls->own == NULL)
        tls->own = client_certificate_acquire(&tls->check_minor, tls->own_source);
    if (tls->own == NULL)
        return -1;
    if (!is_admitted(session, tls->own, asked))
        return 0;
    trace("certificate: the server asks for the client's, and gets it");
    *chain = tls->own->chain;
    *count = tls->own->count;
    *key = tls->own->key;
    return 0;
}

bool tls_lacks_certificate(const struct tls_session *tls)
{
    return gnutls_certificate_client_get_request_status(tls->session) != 0 &&
           gnutls_certificate_get_ours(tls->session) == NULL;
}

int tls_check_client(gnutls_session_t session)
{
    struct tls_session *tls = gnutls_transport_get_ptr(session);
    unsigned int count = 0;
    const gnutls_datum_t *certificates = gnutls_certificate_get_peers(session, &count);
    OM_uint32 minor = 0;

    if (tls->client_is_checked)
        return 0;
    if (certificates == NULL)
        count = 0;
    if (GSS_ERROR(client_check_certificates(&minor, tls->client_check, certificates, count,
                                            &tls->check_alert))) {
        tls->check_minor = minor;
        /* The alert that says so is younger than TLS 1.2 (RFC 5246 7.4.6). */
        if (tls->check_alert == GNUTLS_A_CERTIFICATE_REQUIRED && !tls_is_1_3(tls))
            tls->check_alert = GNUTLS_A_HANDSHAKE_FAILURE;
        return GNUTLS_E_CERTIFICATE_ERROR;
    }
    tls->client_is_checked = true;
    tls->client_is_proved = count != 0;
    return 0;
}
