/* Attributes of CREDSSP's TLS session, beside the certificates and suites that it was made with. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"
#include "tests/shim/exchange.h"

#define OPTIONS_OCTETS 3000

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static struct party client;
static struct party server;
static struct certificate_files authority;
static struct certificate_files intermediate;
static struct certificate_files stranger;
static struct certificate_files own; /* the server's */

static const char *const versions[] = {TLS_1_2, TLS_1_3};
#define VERSIONS 2

static void start(void)
{
    certificate_files_make(&authority, &(struct certificate_wish){.file = "authority",
                                                                  .common_name = "authority",
                                                                  .authority = true});
    certificate_files_make(&intermediate, &(struct certificate_wish){.file = "intermediate",
                                                                     .common_name = "intermediate",
                                                                     .issuer = &authority,
                                                                     .authority = true});
    certificate_files_make(&stranger, &(struct certificate_wish){.file = "stranger",
                                                                 .common_name = "stranger",
                                                                 .authority = true});
    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
    certificate_files_release(&authority);
    certificate_files_release(&intermediate);
    certificate_files_release(&stranger);
    if (own.crt != NULL)
        certificate_files_release(&own);
}

/* The server's certificate, and the options that go with it. */
static void log_on_with(const struct certificate_wish *wish, const char *priority, const char *more)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    char options[OPTIONS_OCTETS];

    certificate_files_make(&own, wish);
    (void)snprintf(options, sizeof options,
                   "certificate = %s\n private_key = %s\n tls_priority = %s\n%s", own.certificate,
                   own.key, priority, more);
    with_options(options);
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}

static const struct certificate_wish usual = {
    .file = "own", .issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER};

static void query(struct party *party, ULONG attribute, void *out)
{
    SECURITY_STATUS status = QueryContextAttributesW(&party->context, attribute, out);

    ck_assert_msg(status == SEC_E_OK, "attribute %x: %s", attribute, SspiGssStatusText());
}

/* --- certificates --- */

static void assert_certificate(struct party *party, ULONG attribute,
                               const struct certificate_files *wanted)
{
    PCCERT_CONTEXT certificate;

    for (int way = 0; way < 2; way++) {
        query(party, attribute, &certificate);
        ck_assert_uint_eq(certificate->dwCertEncodingType, X509_ASN_ENCODING);
        ck_assert_uint_eq(certificate->cbCertEncoded, wanted->der.size);
        ck_assert_mem_eq(certificate->pbCertEncoded, wanted->der.data, wanted->der.size);
        ck_assert_ptr_null(certificate->pCertInfo);
        ck_assert_ptr_null(certificate->hCertStore);
        if (way == 0)
            ck_assert_int_eq(CertFreeCertificateContext(certificate), TRUE);
        else
            ck_assert_int_eq(FreeContextBuffer((void *)(uintptr_t)certificate), SEC_E_OK);
    }
}

START_TEST(certificate_of_the_server)
{
    log_on_with(&usual, versions[_i], "");
    assert_certificate(&client, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &own);
    assert_certificate(&server, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &own);
}
END_TEST

START_TEST(certificate_of_the_client)
{
    struct certificate_files shown;
    char options[OPTIONS_OCTETS];

    certificate_files_make(&shown, &(struct certificate_wish){.file = "shown",
                                                              .issuer = &authority,
                                                              .purpose = GNUTLS_KP_TLS_WWW_CLIENT});
    (void)snprintf(options, sizeof options,
                   "client_certificate = require\n trusted_client_certificates = %s\n"
                   "client_certificate_file = %s\n client_private_key = %s",
                   authority.certificate, shown.certificate, shown.key);
    log_on_with(&usual, versions[_i], options);
    assert_certificate(&client, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &shown);
    assert_certificate(&server, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &shown);
    certificate_files_release(&shown);
}
END_TEST

START_TEST(nothing_to_free)
{
    ck_assert_int_eq(CertFreeCertificateContext(NULL), TRUE);
}
END_TEST

static CERT_TRUST_STATUS trust_of(const struct certificate_wish *wish,
                                  const struct certificate_files *trusted)
{
    CERT_TRUST_STATUS trust;
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options, "trusted_certificates = %s", trusted->certificate);
    log_on_with(wish, TLS_1_3, options);
    query(&client, SECPKG_ATTR_CERT_TRUST_STATUS, &trust);
    return trust;
}

/* CREDSSP goes on with all of them: what to make of it is the caller's affair. */
START_TEST(trust_in_the_server)
{
    static const struct {
        struct certificate_wish wish;
        const struct certificate_files *trusted;
        DWORD error, information;
    } cases[] = {
        {{.issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER}, &authority, 0, 0},
        {{.issuer = &authority, .purpose = szOID_TS_KP_TS_SERVER_AUTH}, &authority, 0, 0},
        {{.issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER, .host = "other.test"},
         &authority,
         0,
         0},
        {{.issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER},
         &stranger,
         CERT_TRUST_IS_UNTRUSTED_ROOT,
         0},
        {{.issuer = &intermediate, .purpose = GNUTLS_KP_TLS_WWW_SERVER}, &authority, 0, 0},
        {{.issuer = &intermediate, .purpose = GNUTLS_KP_TLS_WWW_SERVER},
         &stranger,
         CERT_TRUST_IS_PARTIAL_CHAIN,
         0},
        {{.purpose = GNUTLS_KP_TLS_WWW_SERVER},
         &authority,
         CERT_TRUST_IS_UNTRUSTED_ROOT,
         CERT_TRUST_IS_SELF_SIGNED},
        {{.issuer = &authority, .purpose = GNUTLS_KP_EMAIL_PROTECTION},
         &authority,
         CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
         0},
        {{.issuer = &authority,
          .purpose = GNUTLS_KP_TLS_WWW_SERVER,
          .begins = -7200,
          .ends = -3600},
         &authority,
         CERT_TRUST_IS_NOT_TIME_VALID,
         0},
        {{.issuer = &authority, .purpose = GNUTLS_KP_TLS_WWW_SERVER, .begins = 3600, .ends = 7200},
         &authority,
         CERT_TRUST_IS_NOT_TIME_VALID,
         0},
    };
    struct certificate_wish wish = cases[_i].wish;
    CERT_TRUST_STATUS found;

    wish.file = "own";
    found = trust_of(&wish, cases[_i].trusted);
    ck_assert_uint_eq(found.dwErrorStatus, cases[_i].error);
    ck_assert_uint_eq(found.dwInfoStatus, cases[_i].information);
}
END_TEST
#define TRUST_CASES 10

/* No authority that can be read is an error, not a certificate that nobody vouches for. */
START_TEST(trust_in_nobody)
{
    CERT_TRUST_STATUS trust;

    log_on_with(&usual, TLS_1_3, "trusted_certificates = /nonexistent");
    ck_assert_int_lt(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_CERT_TRUST_STATUS, &trust), 0);
}
END_TEST

START_TEST(server_auth_flags)
{
    SecPkgContext_Flags flags;
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "server_authentication = verify\n"
                   "trusted_certificates = %s%s",
                   authority.certificate, _i != 0 ? "\n packages = ntlm" : "");
    if (_i != 0)
        client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    log_on_with(&usual, TLS_1_3, options);
    query(&client, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags);
    ck_assert_uint_eq(flags.Flags,
                      _i != 0 ? CREDSSP_SERVER_AUTH_CERTIFICATE
                              : CREDSSP_SERVER_AUTH_CERTIFICATE | CREDSSP_SERVER_AUTH_NEGOTIATE);
}
END_TEST

/* --- authorities --- */

/* A server of GnuTLS', which names those that it trusts, as ours does not. */
struct gnutls_server {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
};

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct gnutls_server *peer = pointer;

    if (server.wire.length == 0) {
        gnutls_transport_set_errno(peer->session, EAGAIN);
        return -1;
    }
    if (size > server.wire.length)
        size = server.wire.length;
    memcpy(data, server.wire.data, size);
    server.wire.length -= size;
    memmove(server.wire.data, server.wire.data + size, server.wire.length);
    return (ssize_t)size;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    (void)pointer;
    (void)milliseconds;
    return server.wire.length != 0;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    (void)pointer;
    append(&client.inbox, data, size);
    return (ssize_t)size;
}

static void gnutls_server_start(struct gnutls_server *peer, const char *priority, int authorities)
{
    const struct certificate_files *trusted[] = {&authority, &stranger};

    ck_assert_int_ge(gnutls_certificate_allocate_credentials(&peer->credentials), 0);
    ck_assert_int_ge(gnutls_certificate_set_x509_key_file(peer->credentials, own.certificate,
                                                          own.key, GNUTLS_X509_FMT_PEM),
                     0);
    for (int i = 0; i < authorities; i++)
        ck_assert_int_ge(gnutls_certificate_set_x509_trust_file(
                             peer->credentials, trusted[i]->certificate, GNUTLS_X509_FMT_PEM),
                         0);
    ck_assert_int_ge(gnutls_init(&peer->session, GNUTLS_SERVER | GNUTLS_NONBLOCK), 0);
    ck_assert_int_ge(gnutls_priority_set_direct(peer->session, priority, NULL), 0);
    ck_assert_int_ge(
        gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials), 0);
    gnutls_certificate_server_set_request(peer->session, GNUTLS_CERT_REQUEST);
    gnutls_transport_set_ptr(peer->session, peer);
    gnutls_transport_set_pull_function(peer->session, pull);
    gnutls_transport_set_pull_timeout_function(peer->session, pull_timeout);
    gnutls_transport_set_push_function(peer->session, push);
    gnutls_handshake_set_timeout(peer->session, GNUTLS_INDEFINITE_TIMEOUT);
}

static void gnutls_server_stop(struct gnutls_server *peer)
{
    gnutls_deinit(peer->session);
    gnutls_certificate_free_credentials(peer->credentials);
}

/* Until the caller is asked what to do without a certificate. */
static void be_asked_for_a_certificate(struct gnutls_server *peer, const char *priority,
                                       int authorities)
{
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION};
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of_alice();
    CREDSSP_CRED credential = {CredsspSubmitBufferBoth, &tls, &identity};
    char options[OPTIONS_OCTETS];

    certificate_files_make(&own, &usual);
    (void)snprintf(options, sizeof options, "tls_priority = %s", priority);
    with_options(options);
    party_must_acquire(&client, &credential);
    gnutls_server_start(peer, priority, authorities);
    while (client.calls == 0 || client.status == SEC_I_CONTINUE_NEEDED) {
        ck_assert_msg(party_step(&client, &server) >= 0, "%s", SspiGssStatusText());
        if (client.status == SEC_I_CONTINUE_NEEDED && client.inbox.length == 0)
            ck_assert_int_eq(gnutls_handshake(peer->session), GNUTLS_E_AGAIN);
    }
    ck_assert_int_eq(client.status, SEC_I_INCOMPLETE_CREDENTIALS);
}

START_TEST(authorities_of_the_server)
{
    const struct certificate_files *trusted[] = {&authority, &stranger};
    const int count = _i / VERSIONS;
    struct gnutls_server peer;
    SecPkgContext_IssuerListInfoEx list;
    SecPkgContext_ConnectionInfo connection;

    be_asked_for_a_certificate(&peer, versions[_i % VERSIONS], count);
    query(&client, SECPKG_ATTR_ISSUER_LIST_EX, &list);
    ck_assert_uint_eq(list.cIssuers, (DWORD)count);
    for (int i = 0; i < count; i++) {
        gnutls_datum_t name;

        ck_assert_int_ge(gnutls_x509_crt_get_raw_dn(trusted[i]->crt, &name), 0);
        ck_assert_uint_eq(list.aIssuers[i].cbData, name.size);
        ck_assert_mem_eq(list.aIssuers[i].pbData, name.data, name.size);
        gnutls_free(name.data);
    }
    if (count == 0)
        ck_assert_ptr_null(list.aIssuers);
    else
        ck_assert_int_eq(FreeContextBuffer(list.aIssuers), SEC_E_OK);
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_CONNECTION_INFO, &connection),
        SEC_E_INVALID_HANDLE);
    gnutls_server_stop(&peer);
}
END_TEST

/* Our own server names none, and a client that was not asked knows of none. */
START_TEST(no_authorities)
{
    SecPkgContext_IssuerListInfoEx list;
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "client_certificate = %s\n trusted_client_certificates = %s",
                   _i / VERSIONS != 0 ? "request" : "none", authority.certificate);
    log_on_with(&usual, versions[_i % VERSIONS], options);
    query(&client, SECPKG_ATTR_ISSUER_LIST_EX, &list);
    ck_assert_uint_eq(list.cIssuers, 0);
    ck_assert_ptr_null(list.aIssuers);
}
END_TEST

/* --- the session --- */

static void assert_ascii(const WCHAR *wide, const char *wanted)
{
    size_t i;

    for (i = 0; wanted[i] != '\0'; i++)
        ck_assert_uint_eq(wide[i], (unsigned char)wanted[i]);
    ck_assert_uint_eq(wide[i], 0);
}

START_TEST(suites)
{
    static const struct {
        const char *priority;
        gnutls_pk_algorithm_t key;
        WORD version;
        DWORD number;
        const char *suite, *cipher, *hash, *exchange, *suite_exchange, *certificate;
        SecPkgContext_ConnectionInfo connection; /* of the client */
    } cases[] = {
        {TLS_1_2 ":-CIPHER-ALL:+AES-256-GCM:-KX-ALL:+ECDHE-RSA:-GROUP-ALL:+GROUP-SECP384R1",
         GNUTLS_PK_RSA,
         0x0303,
         0xC030,
         "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
         "AES",
         "SHA384",
         "ECDH",
         "ECDH",
         "RSA",
         {SP_PROT_TLS1_2_CLIENT, CALG_AES_256, 256, CALG_SHA_384, 384, CALG_ECDH_EPHEM, 384}},
        {TLS_1_2 ":-CIPHER-ALL:+AES-128-GCM:-KX-ALL:+DHE-RSA:-GROUP-ALL:+GROUP-FFDHE2048",
         GNUTLS_PK_RSA,
         0x0303,
         0x009E,
         "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
         "AES",
         "SHA256",
         "DH",
         "DH",
         "RSA",
         {SP_PROT_TLS1_2_CLIENT, CALG_AES_128, 128, CALG_SHA_256, 256, CALG_DH_EPHEM, 2048}},
        {TLS_1_2 ":-CIPHER-ALL:+CHACHA20-POLY1305:-KX-ALL:+ECDHE-ECDSA",
         GNUTLS_PK_ECDSA,
         0x0303,
         0xCCA9,
         "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
         "CHACHA20_POLY1305",
         "SHA256",
         "ECDH",
         "ECDH",
         "ECDSA",
         {SP_PROT_TLS1_2_CLIENT, 0, 256, CALG_SHA_256, 256, CALG_ECDH_EPHEM, 256}},
        {TLS_1_3 ":-CIPHER-ALL:+AES-256-GCM:-GROUP-ALL:+GROUP-X25519",
         GNUTLS_PK_ECDSA,
         0x0304,
         0x1302,
         "TLS_AES_256_GCM_SHA384",
         "AES",
         "SHA384",
         "ECDH",
         "",
         "",
         {SP_PROT_TLS1_3_CLIENT, CALG_AES_256, 256, CALG_SHA_384, 384, CALG_ECDH_EPHEM, 255}},
        {TLS_1_3 ":-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:+GROUP-FFDHE3072",
         GNUTLS_PK_RSA,
         0x0304,
         0x1301,
         "TLS_AES_128_GCM_SHA256",
         "AES",
         "SHA256",
         "DH",
         "",
         "",
         {SP_PROT_TLS1_3_CLIENT, CALG_AES_128, 128, CALG_SHA_256, 256, CALG_DH_EPHEM, 3072}},
    };
    struct certificate_wish wish = usual;
    SecPkgContext_ConnectionInfo connection;
    SecPkgContext_ConnectionInfoEx names;
    SecPkgContext_CipherInfo cipher;
    SecPkgContext_KeyInfoW keys;

    wish.algorithm = cases[_i].key;
    log_on_with(&wish, cases[_i].priority, "");
    query(&client, SECPKG_ATTR_CIPHER_INFO, &cipher);
    ck_assert_uint_eq(cipher.dwVersion, SECPKGCONTEXT_CIPHERINFO_V1);
    ck_assert_uint_eq(cipher.dwProtocol, cases[_i].version);
    ck_assert_uint_eq(cipher.dwCipherSuite, cases[_i].number);
    ck_assert_uint_eq(cipher.dwBaseCipherSuite, cases[_i].number);
    ck_assert_uint_eq(cipher.dwCipherLen, cases[_i].connection.dwCipherStrength);
    assert_ascii(cipher.szCipherSuite, cases[_i].suite);
    assert_ascii(cipher.szCipher, cases[_i].cipher);
    assert_ascii(cipher.szHash, cases[_i].hash);
    assert_ascii(cipher.szExchange, cases[_i].suite_exchange);
    assert_ascii(cipher.szCertificate, cases[_i].certificate);
    query(&client, SECPKG_ATTR_CONNECTION_INFO, &connection);
    ck_assert_mem_eq(&connection, &cases[_i].connection, sizeof connection);
    query(&server, SECPKG_ATTR_CONNECTION_INFO, &connection);
    ck_assert_uint_eq(connection.dwProtocol, cases[_i].connection.dwProtocol >> 1);
    connection.dwProtocol <<= 1;
    ck_assert_mem_eq(&connection, &cases[_i].connection, sizeof connection);
    query(&client, SECPKG_ATTR_CONNECTION_INFO_EX, &names);
    ck_assert_uint_eq(names.dwVersion, SECPKGCONTEXT_CONNECTION_INFO_EX_V1);
    ck_assert_uint_eq(names.dwProtocol, cases[_i].connection.dwProtocol);
    assert_ascii(names.szCipher, cases[_i].cipher);
    assert_ascii(names.szHash, cases[_i].hash);
    assert_ascii(names.szExchange, cases[_i].exchange);
    ck_assert_uint_eq(names.dwExchStrength, cases[_i].connection.dwExchStrength);
    query(&server, SECPKG_ATTR_KEY_INFO, &keys);
    assert_ascii(keys.sEncryptAlgorithmName, cases[_i].cipher);
    assert_ascii(keys.sSignatureAlgorithmName, cases[_i].hash);
    ck_assert_uint_eq(keys.KeySize, cases[_i].connection.dwCipherStrength);
    ck_assert_uint_eq(keys.EncryptAlgorithm, cases[_i].connection.aiCipher);
    ck_assert_int_eq(FreeContextBuffer(keys.sEncryptAlgorithmName), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(keys.sSignatureAlgorithmName), SEC_E_OK);
}
END_TEST
#define SUITE_CASES 5

/* What the attribute gives is what the GSS-API gives, in SSPI's frame. */
static void assert_bindings(struct party *party, ULONG attribute, const gss_OID_desc *inquiry)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    SecPkgContext_GssContext gss;
    SecPkgContext_Bindings bindings;
    const SEC_CHANNEL_BINDINGS zero = {.cbApplicationDataLength = 0};
    SEC_CHANNEL_BINDINGS header;
    OM_uint32 minor;

    query(party, SECPKG_ATTR_GSS_CONTEXT, &gss);
    query(party, attribute, &bindings);
    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, gss.Context, (gss_OID)(uintptr_t)inquiry, &answer),
        GSS_S_COMPLETE);
    header = *bindings.Bindings;
    ck_assert_uint_eq(header.cbApplicationDataLength, answer->elements[0].length);
    ck_assert_uint_eq(bindings.BindingsLength, sizeof header + answer->elements[0].length);
    ck_assert_uint_eq(header.dwApplicationDataOffset, sizeof header);
    ck_assert_mem_eq((unsigned char *)bindings.Bindings + header.dwApplicationDataOffset,
                     answer->elements[0].value, answer->elements[0].length);
    header.cbApplicationDataLength = 0;
    header.dwApplicationDataOffset = 0;
    ck_assert_mem_eq(&header, &zero, sizeof header);
    (void)gss_release_buffer_set(&minor, &answer);
    ck_assert_int_eq(FreeContextBuffer(bindings.Bindings), SEC_E_OK);
}

START_TEST(channel_bindings)
{
    log_on_with(&usual, versions[_i], "");
    assert_bindings(&client, SECPKG_ATTR_ENDPOINT_BINDINGS, GSS_SSPI_INQ_TLS_SERVER_END_POINT);
    assert_bindings(&server, SECPKG_ATTR_ENDPOINT_BINDINGS, GSS_SSPI_INQ_TLS_SERVER_END_POINT);
    if (_i == 0) {
        assert_bindings(&client, SECPKG_ATTR_UNIQUE_BINDINGS, GSS_SSPI_INQ_TLS_UNIQUE);
        assert_bindings(&server, SECPKG_ATTR_UNIQUE_BINDINGS, GSS_SSPI_INQ_TLS_UNIQUE);
    }
}
END_TEST

START_TEST(application_protocol)
{
    SecPkgContext_ApplicationProtocol protocol;

    log_on_with(&usual, versions[_i], "");
    query(&client, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol);
    ck_assert_int_eq(protocol.ProtoNegoStatus, SecApplicationProtocolNegotiationStatus_None);
    ck_assert_uint_eq(protocol.ProtocolIdSize, 0);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, certificate_of_the_server, 0, VERSIONS);
    tcase_add_loop_test(cases, certificate_of_the_client, 0, VERSIONS);
    tcase_add_test(cases, nothing_to_free);
    tcase_add_loop_test(cases, trust_in_the_server, 0, TRUST_CASES);
    tcase_add_test(cases, trust_in_nobody);
    tcase_add_loop_test(cases, server_auth_flags, 0, 2);
    tcase_add_loop_test(cases, authorities_of_the_server, 0, 3 * VERSIONS);
    tcase_add_loop_test(cases, no_authorities, 0, 2 * VERSIONS);
    tcase_add_loop_test(cases, suites, 0, SUITE_CASES);
    tcase_add_loop_test(cases, channel_bindings, 0, VERSIONS);
    tcase_add_loop_test(cases, application_protocol, 0, VERSIONS);
}

int main(void)
{
    return run_case("shim: attributes of TLS", start, stop, 300, add);
}
