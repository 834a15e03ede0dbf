/*
 * Versions 2 to 7 of a crafted peer against every minimum of ours, in each role; what comes of the nonce
 * and of errorCode in each version.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define LOWEST_VERSION     2
#define HIGHEST_VERSION    6
#define PEER_VERSIONS      6 /* 2 to 7: the next one, whatever it will be, too */
#define MINIMUMS           5 /* 2 to 6 */
#define NT_NOT_SUPPORTED   0xC00000BBu
#define NT_LOGON_FAILURE   0xC000006Du
#define NT_NO_SUCH_PACKAGE 0xC00000FEu
#define FIRST_WITH_HASHES  5

static uint32_t version_in_use(void)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    uint32_t version;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, peer.plugin,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDSSP_VERSION, &data),
        GSS_S_COMPLETE);
    memcpy(&version, data->elements[0].value, sizeof version);
    (void)gss_release_buffer_set(&minor, &data);
    return version;
}

/* The versions whose clients understand errorCode: 3, 4, 6 and above. */
static bool has_error_code(uint32_t version)
{
    return version >= 3 && version != 5;
}

/* The other role's minimum is the highest one, or the lowest: it must not matter. */
static void demand_minimum(bool peer_is_client, uint32_t minimum, uint32_t other)
{
    char options[128];

    (void)snprintf(options, sizeof options,
                   "minimum_version_%s = %u\nminimum_version_%s = %u\nself_signed_key = ecdsa",
                   peer_is_client ? "server" : "client", minimum,
                   peer_is_client ? "client" : "server", other);
    with_options(options);
}

START_TEST(version_of_the_peer_and_minimum)
{
    uint32_t version = LOWEST_VERSION + (uint32_t)(_i % PEER_VERSIONS);
    uint32_t minimum = LOWEST_VERSION + (uint32_t)(_i / PEER_VERSIONS % MINIMUMS);
    bool peer_is_client = _i / PEER_VERSIONS / MINIMUMS != 0;

    demand_minimum(peer_is_client, minimum, version < minimum ? LOWEST_VERSION : HIGHEST_VERSION);
    peer.version = version;
    be(peer_is_client);
    if (version >= minimum) {
        assert_good();
        ck_assert_uint_eq(version_in_use(), version < HIGHEST_VERSION ? version : HIGHEST_VERSION);
        return;
    }
    assert_refused(GSS_SSPI_E_VERSION);
    ck_assert(strstr(status_text(peer.major, peer.minor), "minimum") != NULL);
    /* A client is told; a server is not: errorCode is for servers to send. */
    ck_assert(peer.has_error_code == (peer_is_client && has_error_code(version)));
    ck_assert(!peer.has_error_code || peer.error_code == NT_NOT_SUPPORTED);
}
END_TEST

/* --- nonce --- */

static struct byte_range nonce_then;
static unsigned first_message;

static void change_nonce(struct crafted_peer *self, struct ts_request *request)
{
    if (self->sent >= first_message)
        request->client_nonce = nonce_then;
}

static const unsigned char other_nonce[CRAFTED_NONCE_OCTETS];

enum nonce_kind { NONCE_ABSENT, NONCE_SHORT, NONCE_CHANGED, NONCE_KINDS };

/* Up to version 4 there is no nonce, and what stands there binds nothing. */
START_TEST(nonce_of_the_client_in_each_version)
{
    enum nonce_kind kind = (enum nonce_kind)(_i / PEER_VERSIONS);

    peer.version = LOWEST_VERSION + (uint32_t)(_i % PEER_VERSIONS);
    with_options("minimum_version = 2\nself_signed_key = ecdsa");
    nonce_then = kind == NONCE_ABSENT
                     ? BYTE_RANGE_ABSENT
                     : byte_range_of(other_nonce, kind == NONCE_SHORT ? CRAFTED_NONCE_OCTETS - 1
                                                                      : CRAFTED_NONCE_OCTETS);
    first_message = kind == NONCE_CHANGED ? 1 : 0;
    peer.on_request = change_nonce;
    be_client();
    if (peer.version < FIRST_WITH_HASHES) {
        assert_good();
        return;
    }
    assert_refused(GSS_SSPI_E_NONCE);
    ck_assert(!peer.binding_seen);
}
END_TEST

/* --- errorCode --- */

START_TEST(client_is_told_where_its_version_has_error_code)
{
    peer.version = LOWEST_VERSION + (uint32_t)_i;
    with_options("minimum_version = 2\nself_signed_key = ecdsa");
    peer.mechanism = &ntlm_oid;
    peer.credential = password_credential(&ntlm_oid, "EXAMPLE\\alice", "not it");
    be_client();
    assert_refused(ANY_CODE);
    ck_assert(peer.has_error_code == has_error_code(peer.version));
    ck_assert(!peer.has_error_code || peer.error_code == NT_LOGON_FAILURE);
    /* nothing but the version comes with it */
    ck_assert(!peer.has_error_code || !byte_range_is_present(peer.last.nego_token));
    ck_assert(!byte_range_is_present(peer.last.pub_key_auth));
}
END_TEST

START_TEST(client_is_told_that_no_mechanism_is_common)
{
    peer.mechanism = &ntlm_oid;
    with_options("packages = kerberos\nself_signed_key = ecdsa");
    be_client();
    assert_refused(GSS_SSPI_E_NO_COMMON_MECHANISM);
    ck_assert(peer.has_error_code);
    ck_assert_uint_eq(peer.error_code, NT_NO_SUCH_PACKAGE);
}
END_TEST

static void refuse(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    *request = (struct ts_request){
        .version = request->version, .has_error_code = true, .error_code = NT_LOGON_FAILURE};
}

/* It ends the logon even where the version does not have it. */
START_TEST(error_code_of_a_server_of_each_version_ends_the_logon)
{
    peer.version = LOWEST_VERSION + (uint32_t)_i;
    with_options("minimum_version = 2");
    peer.on_request = refuse;
    be_server();
    assert_refused(GSS_SSPI_E_LOGON_FAILURE);
    ck_assert_uint_eq(peer.failure.nt_status, NT_LOGON_FAILURE);
}
END_TEST

static void add_version_tests(TCase *cases)
{
    tcase_add_loop_test(cases, version_of_the_peer_and_minimum, 0, 2 * PEER_VERSIONS * MINIMUMS);
    tcase_add_loop_test(cases, nonce_of_the_client_in_each_version, 0, NONCE_KINDS * PEER_VERSIONS);
    tcase_add_loop_test(cases, client_is_told_where_its_version_has_error_code, 0, PEER_VERSIONS);
    tcase_add_test(cases, client_is_told_that_no_mechanism_is_common);
    tcase_add_loop_test(cases, error_code_of_a_server_of_each_version_ends_the_logon, 0,
                        PEER_VERSIONS);
}

int main(void)
{
    return run_attacks("versions of CredSSP", add_version_tests);
}
