#include "tests/mech/cell_logon.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asn1/ts_credentials.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/cell_credentials.h"
#include "tests/mech/crafted_peer.h"

#define NT_NOT_SUPPORTED 0xC00000BBu

/* Flags that the rule speaks of. */
#define FLAGS_COMPARED                                                                \
    (GSS_C_DELEG_FLAG | GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | \
     GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

/* What came of the logon, at the plugin's sides. */
struct side {
    bool is_plugin;
    gss_ctx_id_t context;
    OM_uint32 major, flags;
    struct gss_sspi_failure failure;
};

static const struct cell *cell;
static struct expectation expected;
static struct side initiator, acceptor;
static gss_cred_id_t delegated;
static bool done;

static const struct certificate_files *server;
static gnutls_certificate_credentials_t crafted_server;
static const char *priority;

static struct exchange x;
static struct crafted_peer peer;

/* --- configuration --- */

void cell_register_plugin(void)
{
    char path[512];
    char line[1024];
    FILE *from = fopen(realm_variable("GSS_MECH_CONFIG"), "r");
    FILE *to;

    (void)snprintf(path, sizeof path, "%s/older.conf", realm_variable("REALM_DIR"));
    to = fopen(path, "w");
    ck_assert(from != NULL && to != NULL);
    while (fgets(line, sizeof line, from) != NULL) {
        char *module = strstr(line, realm_variable("REALM_MODULE"));

        if (module != NULL)
            (void)snprintf(module, sizeof line - (size_t)(module - line),
                           "%s/tests/mech/.libs/mech_sspi_older.so\n",
                           realm_variable("top_builddir"));
        ck_assert_int_ge(fputs(line, to), 0);
    }
    (void)fclose(from);
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_int_eq(setenv("GSS_MECH_CONFIG", path, 1), 0);
}

void cell_configure(const struct cell *configured, const struct certificate_files *certificate)
{
    static const char *const policies[POLICIES] = {
        [ALLOWED] = "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"
                    "AllowDefaultCredentials = *\nAllowDefCredentialsWhenNTLMOnly = *",
        [DENIED] = "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"
                   "DenyFreshCredentials = TERMSRV/*\n"
                   "AllowDefaultCredentials = *\nDenyDefaultCredentials = TERMSRV/*",
        [PROVED_ONLY] = "AllowFreshCredentials = TERMSRV/*\n"
                        "AllowFreshCredentialsWhenNTLMOnly = \"\"\n"
                        "AllowDefaultCredentials = TERMSRV/*",
        [NTLM_ONLY] = "AllowFreshCredentials = \"\"\n"
                      "AllowFreshCredentialsWhenNTLMOnly = TERMSRV/*\n"
                      "AllowDefCredentialsWhenNTLMOnly = TERMSRV/*",
    };
    char options[2048];

    priority =
        configured->tls_1_2 ? "NORMAL:-VERS-ALL:+VERS-TLS1.2" : "NORMAL:-VERS-ALL:+VERS-TLS1.3";
    server = certificate;
    (void)snprintf(
        options, sizeof options,
        "minimum_version = %u\ntls_priority = %s\ncertificate = %s\nprivate_key = %s\n%s",
        configured->minimum, priority, certificate->certificate, certificate->key,
        policies[configured->policy]);
    with_options(options);
    ck_assert_int_ge(gnutls_certificate_allocate_credentials(&crafted_server), 0);
    ck_assert_int_ge(gnutls_certificate_set_x509_key(crafted_server,
                                                     (gnutls_x509_crt_t[]){certificate->crt}, 1,
                                                     certificate->private_key),
                     0);
}

void cell_release(void)
{
    gnutls_certificate_free_credentials(crafted_server);
    cell_credentials_release();
}

/* --- the logon --- */

static void set_version(const char *variable, uint32_t version)
{
    const char text[2] = {(char)('0' + version), '\0'};

    ck_assert_int_eq(setenv(variable, text, 1), 0);
}

/* The plugin's versions; when it has one role, what it reads is not its own. */
static void set_versions(uint32_t of_initiator, uint32_t of_acceptor)
{
    set_version("CREDSSP_INITIATOR_VERSION", of_initiator);
    set_version("CREDSSP_ACCEPTOR_VERSION", of_acceptor);
}

/* The acceptor's last token, when it refuses: its reason is known now, and another one soon. */
static void note_refusal(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    (void)argument;
    (void)token;
    if (GSS_ERROR(exchange->server_major))
        acceptor.failure = plugin_failure();
}

static void log_on_ours(void)
{
    x = (struct exchange){.target = "TERMSRV@localhost",
                          .mechanism = GSS_SSPI_MECH_CREDSSP,
                          .flags = cell->credentials != EMPTY ? GSS_C_DELEG_FLAG : 0,
                          .client_credential = cell_plugin_credential(cell),
                          .on_token = note_refusal};
    set_versions(cell->initiator_version, cell->acceptor_version);
    acceptor.failure = (struct gss_sspi_failure){0, 0, 0};
    done = exchange_run(&x);
    initiator = (struct side){true, x.client, x.client_major, x.client_flags, {0, 0, 0}};
    acceptor = (struct side){true, x.server, x.server_major, x.server_flags, acceptor.failure};
    delegated = x.delegated;
    if (GSS_ERROR(x.client_major))
        initiator.failure = plugin_failure();
    else if (GSS_ERROR(x.server_major))
        acceptor.failure = plugin_failure();
}

/* The older versions have no nonce. */
static void leave_nonce_out(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    request->client_nonce = BYTE_RANGE_ABSENT;
}

static void log_on_with_crafted(bool crafted_initiator)
{
    struct side *ours = crafted_initiator ? &acceptor : &initiator;
    uint32_t own = crafted_initiator ? cell->initiator_version : cell->acceptor_version;
    uint32_t others = crafted_initiator ? cell->acceptor_version : cell->initiator_version;

    peer = (struct crafted_peer){.initiator = crafted_initiator,
                                 .version = own,
                                 .version_bound = cell_version(cell),
                                 .priority = priority,
                                 .certificate = crafted_server};
    if (crafted_initiator) {
        peer.mechanism = cell->inner == RAW_NTLM       ? &ntlm_oid
                         : cell->inner == RAW_KERBEROS ? &krb5_oid
                                                       : &spnego_oid;
        peer.credential = cell_crafted_credential(cell);
        peer.credentials = cell_credentials_encoded(cell->credentials);
        peer.inner_flags = cell->credentials == TICKET ? GSS_C_DELEG_FLAG : 0;
    } else {
        peer.plugin_credential = cell_plugin_credential(cell);
        peer.plugin_flags = cell->credentials != EMPTY ? GSS_C_DELEG_FLAG : 0;
    }
    if (crafted_initiator && own < 5)
        peer.on_request = leave_nonce_out;
    set_versions(others, others);
    done = crafted_peer_run(&peer);
    initiator = acceptor = (struct side){.is_plugin = false};
    *ours = (struct side){true, peer.plugin, peer.major, peer.plugin_flags_granted, {0, 0, 0}};
    if (GSS_ERROR(peer.major))
        ours->failure = peer.failure;
    delegated = peer.delegated;
}

/* --- what came of it --- */

static void check(bool right, const char *what)
{
    char texts[2][512];

    if (right)
        return;
    (void)snprintf(texts[0], sizeof texts[0], "%s",
                   status_text(initiator.major, initiator.failure.minor));
    (void)snprintf(texts[1], sizeof texts[1], "%s",
                   status_text(acceptor.major, acceptor.failure.minor));
    ck_abort_msg("%s: %s is wrong; initiator: %s; acceptor: %s", cell_text(cell), what, texts[0],
                 texts[1]);
}

/* The first buffer of an answer, compared. */
static void check_answer(const struct side *side, const gss_OID_desc *object, const void *octets,
                         size_t length, const char *what)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_sec_context_by_oid(&minor, side->context, (gss_OID)(uintptr_t)object, &data);

    check(major == GSS_S_COMPLETE, what);
    check(data->count == 1 && data->elements[0].length == length &&
              memcmp(data->elements[0].value, octets, length) == 0,
          what);
    (void)gss_release_buffer_set(&minor, &data);
}

/* At either side, when the logon was accepted. */
static void check_established(const struct side *side, OM_uint32 flags)
{
    uint32_t version = cell_version(cell);
    const gss_OID_desc *inner = cell_is_kerberos(cell) ? &krb5_oid : &ntlm_oid;

    check(side->major == GSS_S_COMPLETE, "the status");
    check((side->flags & FLAGS_COMPARED) == flags, "one of the flags");
    check_answer(side, GSS_SSPI_INQ_CREDSSP_VERSION, &version, sizeof version, "the version");
    check_answer(side, GSS_SSPI_INQ_TLS_VERSION, cell->tls_1_2 ? "TLS1.2" : "TLS1.3", 6,
                 "the version of TLS");
    check_answer(side, GSS_SSPI_INQ_INNER_MECHANISM, inner->elements, inner->length,
                 "the inner mechanism");
    check_answer(side,
                 side == &initiator ? GSS_SSPI_INQ_PEER_CERTIFICATE : GSS_SSPI_INQ_OWN_CERTIFICATE,
                 server->der.data, server->der.size, "the server's certificate");
}

static void check_user(void)
{
    gss_name_t source = GSS_C_NO_NAME;
    OM_uint32 minor;

    check(gss_inquire_context(&minor, acceptor.context, &source, NULL, NULL, NULL, NULL, NULL,
                              NULL) == GSS_S_COMPLETE,
          "the inquiry of the user");
    check(strcmp(name_text_of(source),
                 cell_is_kerberos(cell) ? "alice@EXAMPLE.TEST" : "EXAMPLE\\alice") == 0,
          "the user");
    (void)gss_release_name(&minor, &source);
}

/* What the acceptor's program gets. */
static void check_delegated(void)
{
    check_answer(&acceptor, GSS_SSPI_INQ_CREDENTIALS_TYPE, &expected.credentials_type,
                 sizeof expected.credentials_type, "the type of the credentials");
    check((delegated != GSS_C_NO_CREDENTIAL) == expected.credential, "the delegated credential");
    check(cell_credentials_arrived(acceptor.context, cell->credentials), "what was delegated");
}

/* What a crafted acceptor was sent, which has to be right to the octet. */
static void check_sent(void)
{
    struct byte_range encoded = cell_credentials_encoded(cell->credentials);
    OM_uint32 flags = 0;
    OM_uint32 minor;

    check(byte_range_equal(encoded, byte_range_of(peer.auth_info.value, peer.auth_info.length)),
          "authInfo");
    check(peer.binding_agreed, "pubKeyAuth");
    check(gss_inquire_context(&minor, peer.inner, NULL, NULL, NULL, NULL, &flags, NULL, NULL) ==
              GSS_S_COMPLETE,
          "the logon inside");
    check(((flags & GSS_C_DELEG_FLAG) != 0) ==
              (cell->credentials == TICKET && cell_is_kerberos(cell)),
          "the ticket");
}

static void check_accepted(void)
{
    check(done, "that it was refused");
    if (initiator.is_plugin)
        check_established(&initiator, expected.initiator_flags);
    if (!acceptor.is_plugin) {
        check_sent();
        return;
    }
    check_established(&acceptor, expected.acceptor_flags);
    check_user();
    check_delegated();
}

static void check_code(const struct side *side, long code, const char *what)
{
    if (side->is_plugin)
        check((GSS_ERROR(side->major) != 0) == (code != 0) &&
                  side->failure.minor == (OM_uint32)code,
              what);
}

static void check_refused(void)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    unsigned tokens = initiator.is_plugin && acceptor.is_plugin ? x.tokens : peer.sent;
    OM_uint32 minor;

    check(!done, "that it was accepted");
    check_code(&initiator, expected.initiator_code, "the initiator's reason");
    check_code(&acceptor, expected.acceptor_code, "the acceptor's reason");
    check(delegated == GSS_C_NO_CREDENTIAL, "the delegated credential");
    check(!expected.nothing_sent || tokens == 0, "that something was sent");
    if (cell_has_crafted_acceptor(cell))
        check(peer.auth_info.length == 0 && !byte_range_is_present(peer.last.auth_info),
              "authInfo");
    if (cell_has_crafted_initiator(cell))
        check(peer.has_error_code == expected.told &&
                  (!expected.told || peer.error_code == NT_NOT_SUPPORTED),
              "errorCode");
    if (acceptor.is_plugin && acceptor.context != GSS_C_NO_CONTEXT)
        check(GSS_ERROR(gss_inquire_sec_context_by_oid(
                  &minor, acceptor.context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS_TYPE,
                  &data)),
              "what was delegated");
}

void cell_check(const struct cell *checked)
{
    cell = checked;
    expected = cell_expectation(cell);
    if (cell_has_crafted_initiator(cell) || cell_has_crafted_acceptor(cell))
        log_on_with_crafted(cell_has_crafted_initiator(cell));
    else
        log_on_ours();
    if (expected.accepted)
        check_accepted();
    else
        check_refused();
    if (initiator.is_plugin && acceptor.is_plugin)
        exchange_reset(&x);
    else
        crafted_peer_reset(&peer);
}
