#include "mech/cred_without_ticket.h"

#include <krb5.h>
#include <pthread.h>
#include <stdbool.h>

#include "mech/status.h"

/* A cache in memory that all such credentials share; nothing in it is secret, and it never ends. */
#define CCACHE "MEMORY:gss-sspi-without-ticket"
#define REALM  "WITHOUT-TICKET.INVALID"

/* Long ago; 0 would mean that nothing is known of the time. */
#define EXPIRED_TIME 1

static pthread_mutex_t ccache_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ccache_is_made;

/* Stores a ticket that nobody has issued, and that is not valid any more. */
static krb5_error_code store_expired(krb5_context kerberos, krb5_ccache ccache, krb5_principal user,
                                     krb5_principal service)
{
    static krb5_octet no_key[32];
    static char no_ticket[] = "expired";
    krb5_creds expired = {
        .client = user,
        .server = service,
        .keyblock = {.enctype = ENCTYPE_AES256_CTS_HMAC_SHA1_96,
                     .length = sizeof no_key,
                     .contents = no_key},
        .times = {EXPIRED_TIME, EXPIRED_TIME, EXPIRED_TIME, EXPIRED_TIME},
        .ticket = {.length = sizeof no_ticket, .data = no_ticket},
    };
    krb5_error_code code = krb5_cc_initialize(kerberos, ccache, user);

    return code == 0 ? krb5_cc_store_cred(kerberos, ccache, &expired) : code;
}

static krb5_error_code make_ccache(krb5_context kerberos)
{
    krb5_ccache ccache = NULL;
    krb5_principal user = NULL;
    krb5_principal service = NULL;
    krb5_error_code code = krb5_cc_resolve(kerberos, CCACHE, &ccache);

    if (code == 0)
        code = krb5_parse_name(kerberos, "nobody@" REALM, &user);
    if (code == 0)
        code = krb5_parse_name(kerberos, "krbtgt/" REALM "@" REALM, &service);
    if (code == 0)
        code = store_expired(kerberos, ccache, user, service);
    krb5_free_principal(kerberos, user);
    krb5_free_principal(kerberos, service);
    if (ccache != NULL)
        (void)krb5_cc_close(kerberos, ccache);
    return code;
}

static OM_uint32 provide_ccache(OM_uint32 *minor)
{
    krb5_context kerberos = NULL;
    krb5_error_code code = 0;

    (void)pthread_mutex_lock(&ccache_lock);
    if (!ccache_is_made) {
        code = krb5_init_context(&kerberos);
        if (code == 0)
            code = make_ccache(kerberos);
        krb5_free_context(kerberos);
        ccache_is_made = code == 0;
    }
    (void)pthread_mutex_unlock(&ccache_lock);
    return code == 0 ? GSS_S_COMPLETE
                     : fail_inner(minor, GSS_S_FAILURE, (OM_uint32)code, "Kerberos",
                                  "making an expired ticket");
}

OM_uint32 credential_add_without_ticket(OM_uint32 *minor, gss_cred_id_t credential,
                                        gss_OID mechanism)
{
    gss_key_value_element_desc element = {"ccache", CCACHE};
    const gss_key_value_set_desc store = {1, &element};
    OM_uint32 major = provide_ccache(minor);

    if (GSS_ERROR(major))
        return major;
    major = glue_add_cred_from(minor, credential, GSS_C_NO_NAME, mechanism, GSS_C_INITIATE,
                               GSS_C_INDEFINITE, 0, &store, NULL, NULL, NULL, NULL);
    return GSS_ERROR(major)
               ? fail_inner(minor, major, *minor, "Kerberos", "using an expired ticket")
               : major;
}
