/* The TLS part of a CREDSSP_CRED. */
#include <stdio.h>
#include <gssapi_sspi.h>

#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"
#include "tests/shim/supplied.h"

static SECURITY_STATUS acquire_tls(ULONG use, void *tls)
{
    CREDSSP_CRED credential = {CredsspSchannelCreds, tls, NULL};

    return acquire_as(NULL, "CREDSSP", use, &credential);
}

START_TEST(certificates_are_validated_when_asked)
{
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION,
                         .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS |
                                    SCH_USE_STRONG_CRYPTO};

    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    ck_assert_msg(works("CREDSSP"), "%s", SspiGssStatusText());
    end_both();
    /* The server's certificate is made by itself. */
    tls.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    ck_assert(!works("CREDSSP"));
    ck_assert_msg(client.status == SEC_E_UNTRUSTED_ROOT, "%s", SspiGssStatusText());
    end_both();
}
END_TEST

START_TEST(tls_parts_that_cannot_be_had)
{
    static const struct {
        SCHANNEL_CRED tls;
        SECURITY_STATUS status;
    } parts[] = {
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_MANUAL_CRED_VALIDATION},
         SEC_E_INVALID_PARAMETER},
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN},
         SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_NO_SERVERNAME_CHECK},
         SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_USE_DTLS_ONLY}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_USE_PRESHAREDKEY_ONLY}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_0_CLIENT}, SEC_E_ALGORITHM_MISMATCH},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER},
         SEC_E_ALGORITHM_MISMATCH},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT}, SEC_E_OK},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_1PLUS_CLIENT}, SEC_E_OK},
        {{.cSupportedAlgs = 1}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwMinimumCipherStrength = 256}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwMinimumCipherStrength = 128, .dwMaximumCipherStrength = 256}, SEC_E_OK},
        {{.hRootStore = &client}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.cCreds = 1}, SEC_E_INVALID_PARAMETER},
    };
    SCHANNEL_CRED tls = parts[_i].tls;

    tls.dwVersion = SCHANNEL_CRED_VERSION;
    ck_assert_msg(acquire_tls(SECPKG_CRED_OUTBOUND, &tls) == parts[_i].status, "%s",
                  SspiGssStatusText());
    party_end(&client);
}
END_TEST

/* What the session uses, and the wish of one side is enough. */
START_TEST(versions_are_chosen)
{
    static const char *const expected[] = {"TLS1.2", "TLS1.3"};
    static const DWORD enabled[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3 | SP_PROT_TLS1_0};
    static const DWORD disabled[] = {SP_PROT_TLS1_3, SP_PROT_TLS1_2};
    const int wish = _i % 2;
    const bool by_server = _i / 2 == 1;
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION,
                         .grbitEnabledProtocols = enabled[wish]};
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled[wish]};
    SCH_CREDENTIALS new = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};
    CREDSSP_CRED credential = {CredsspSchannelCreds, by_server ? (void *)&new : &old, NULL};
    SecPkgContext_GssContext gss;
    gss_buffer_set_t version = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&client, by_server ? NULL : &credential);
    party_must_acquire(&server, by_server ? &credential : NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, gss.Context,
                                                     (gss_OID)(uintptr_t)GSS_SSPI_INQ_TLS_VERSION,
                                                     &version),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(version->elements[0].length, 6);
    ck_assert_mem_eq(version->elements[0].value, expected[wish], 6);
    (void)gss_release_buffer_set(&minor, &version);
    end_both();
}
END_TEST

/* Each side has its version, and they are not the same. */
START_TEST(versions_that_do_not_meet)
{
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION,
                         .grbitEnabledProtocols = SP_PROT_TLS1_2};
    CREDSSP_CRED credential = {CredsspSchannelCreds, &tls, NULL};

    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&client, &credential);
    tls.grbitEnabledProtocols = SP_PROT_TLS1_3;
    party_must_acquire(&server, &credential);
    ck_assert(!log_on(&client, &server, 0));
    ck_assert_msg(server.status == SEC_E_ILLEGAL_MESSAGE, "%s", SspiGssStatusText());
    end_both();
}
END_TEST

START_TEST(new_tls_parts_that_cannot_be_had)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = SP_PROT_TLS1_0 | SP_PROT_TLS1_1};
    SCH_CREDENTIALS tls = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};

    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    party_end(&client);
    parameters.grbitDisabledProtocols = SP_PROT_ALL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_ALGORITHM_MISMATCH);
    parameters = (TLS_PARAMETERS){.cDisabledCrypto = 1};
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    parameters = (TLS_PARAMETERS){.cAlpnIds = 1};
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.cTlsParameters = 2;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.pTlsParameters = NULL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* The two names, each with its NUL. */
static ULONG join_names(char *names, size_t size, const char *certificate, const char *key)
{
    int length = snprintf(names, size, "%s%c%s", certificate, '\0', key);

    ck_assert_int_gt(length, 0);
    ck_assert_uint_lt((size_t)length, size);
    return (ULONG)length + 1;
}

static void assert_peer_certificate(struct party *party, const struct certificate_files *files)
{
    SecPkgContext_GssContext gss;
    gss_buffer_set_t seen = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, gss.Context,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_PEER_CERTIFICATE, &seen),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(seen->elements[0].length, files->der.size);
    ck_assert_mem_eq(seen->elements[0].value, files->der.data, files->der.size);
    (void)gss_release_buffer_set(&minor, &seen);
}

START_TEST(servers_show_the_certificate_supplied)
{
    struct certificate_files files;
    struct certificate_wish wish = {.file = "supplied"};
    char names[1200];
    CERT_CONTEXT certificate = {.dwCertEncodingType = SSPI_GSS_CERTIFICATE_NAMES,
                                .pbCertEncoded = (BYTE *)names};
    PCCERT_CONTEXT certificates[2] = {&certificate, &certificate};
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = certificates};
    CREDSSP_CRED credential = {CredsspSchannelCreds, &tls, NULL};

    certificate_files_make(&files, &wish);
    certificate.cbCertEncoded = join_names(names, sizeof names, files.certificate, files.key);
    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, &credential);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    assert_peer_certificate(&client, &files);
    end_both();

    tls.cCreds = 2;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.cCreds = 1;
    certificates[0] = NULL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_INVALID_PARAMETER);
    certificates[0] = &certificate;
    for (ULONG length = 0; length < certificate.cbCertEncoded; length++) {
        CERT_CONTEXT cut = certificate;

        cut.cbCertEncoded = length;
        certificates[0] = &cut;
        ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_INVALID_PARAMETER);
    }
    certificates[0] = &certificate;
    certificate.dwCertEncodingType = X509_ASN_ENCODING;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_UNKNOWN_CREDENTIALS);
    certificate_files_release(&files);
}
END_TEST

/* A server that requires one is shown the certificate supplied. */
START_TEST(clients_show_the_certificate_supplied)
{
    struct certificate_files authority;
    struct certificate_files files;
    char names[1200];
    char options[1500];
    CERT_CONTEXT certificate = {.dwCertEncodingType = SSPI_GSS_CERTIFICATE_NAMES,
                                .pbCertEncoded = (BYTE *)names};
    PCCERT_CONTEXT certificates[] = {&certificate};
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = certificates};

    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    certificate_files_make(&files, &(struct certificate_wish){.file = "client",
                                                              .purpose = GNUTLS_KP_TLS_WWW_CLIENT,
                                                              .issuer = &authority});
    certificate.cbCertEncoded = join_names(names, sizeof names, files.certificate, files.key);
    (void)snprintf(options, sizeof options,
                   "client_certificate = require\n trusted_client_certificates = %s",
                   authority.certificate);
    with_options(options);
    ck_assert_msg(acquire_tls(SECPKG_CRED_OUTBOUND, &tls) == SEC_E_OK, "%s", SspiGssStatusText());
    ck_assert_msg(works("CREDSSP"), "%s", SspiGssStatusText());
    assert_peer_certificate(&server, &files);
    end_both();
    certificate_files_release(&files);
    certificate_files_release(&authority);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: TLS credentials");
    TCase *t = tcase_create("TLS credentials");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, certificates_are_validated_when_asked);
    tcase_add_loop_test(t, tls_parts_that_cannot_be_had, 0, 14);
    tcase_add_loop_test(t, versions_are_chosen, 0, 4);
    tcase_add_test(t, versions_that_do_not_meet);
    tcase_add_test(t, new_tls_parts_that_cannot_be_had);
    tcase_add_test(t, servers_show_the_certificate_supplied);
    tcase_add_test(t, clients_show_the_certificate_supplied);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
