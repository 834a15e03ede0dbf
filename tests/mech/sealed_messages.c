#include "tests/mech/sealed_messages.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

#define MESSAGE_FLAGS                                                             \
    (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | \
     GSS_C_SEQUENCE_FLAG)

struct exchange x;

/* ECDSA makes the many logons of these tests quick. */
const char *const tls_options[TLS_OPTIONS] = {
    "self_signed_key = ecdsa",
    "self_signed_key = ecdsa\n tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.2",
    "self_signed_key = ecdsa\n tls_priority = NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305",
    ("self_signed_key = ecdsa\n tls_priority = "
     "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305"),
};

const char cbc_options[] = "self_signed_key = ecdsa\n tls_priority = "
                           "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC";

bool is_tls_1_2(int index)
{
    return index == 1 || index == 3;
}

void fill_pattern(unsigned char *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        octets[i] = (unsigned char)(i * 131 + (i >> 8));
}

void credssp_again(void)
{
    bool done;

    x.mechanism = &GSS_SSPI_MECH_CREDSSP_desc;
    x.flags = MESSAGE_FLAGS;
    done = exchange_run(&x);
    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

void credssp_with(const char *options)
{
    with_options(options);
    credssp_again();
}

gss_buffer_desc seal(gss_ctx_id_t from, const void *data, size_t length)
{
    gss_buffer_desc message = {length, (void *)(uintptr_t)data};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int conf = 0;
    OM_uint32 major = gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &message, &conf, &sealed);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    ck_assert_int_eq(conf, 1);
    return sealed;
}

void assert_opens(gss_ctx_id_t to, gss_buffer_t sealed, const void *data, size_t length)
{
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    gss_qop_t qop = 1;
    OM_uint32 minor;
    int conf = 0;
    OM_uint32 major = gss_unwrap(&minor, to, sealed, &opened, &conf, &qop);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    ck_assert_int_eq(conf, 1);
    ck_assert_uint_eq(qop, GSS_C_QOP_DEFAULT);
    ck_assert_uint_eq(opened.length, length);
    ck_assert(length == 0 || memcmp(opened.value, data, length) == 0);
    (void)gss_release_buffer(&minor, &opened);
}
