/*
 * A plugin of Heimdal's KDC: its tickets have a PAC, as Windows' and MIT's have. The KDC of Heimdal 7
 * takes a ticket with which a user logged on to a service as evidence of that (S4U2Proxy) only so.
 */
#include <hdb.h>
#include <kdc.h>
#include <krb5.h>
#include <krb5/windc_plugin.h>

/* MS-PAC 2.4 has numbers up to 20; this one nobody reads. */
#define PAC_TYPE_OF_TEST 4711

static krb5_error_code init(krb5_context context, void **state)
{
    (void)context;
    *state = NULL;
    return 0;
}

static void finish(void *state)
{
    (void)state;
}

static krb5_error_code generate(void *state, krb5_context context, struct hdb_entry_ex *client,
                                krb5_pac *pac)
{
    static char octets[] = "test";
    const krb5_data content = {sizeof octets, octets};
    krb5_error_code code;

    (void)state;
    (void)client;
    code = krb5_pac_init(context, pac);
    if (code != 0)
        return code;
    code = krb5_pac_add_buffer(context, *pac, PAC_TYPE_OF_TEST, &content);
    if (code != 0) {
        krb5_pac_free(context, *pac);
        *pac = NULL;
    }
    return code;
}

/* The KDC has verified the signature. */
static krb5_error_code verify(void *state, krb5_context context, const krb5_principal client_name,
                              const krb5_principal proxy_name, struct hdb_entry_ex *client,
                              struct hdb_entry_ex *server, struct hdb_entry_ex *krbtgt,
                              krb5_pac *pac)
{
    krb5_data content;
    krb5_error_code code;

    (void)state;
    (void)client_name;
    (void)proxy_name;
    (void)client;
    (void)server;
    (void)krbtgt;
    code = krb5_pac_get_buffer(context, *pac, PAC_TYPE_OF_TEST, &content);
    if (code == 0)
        krb5_data_free(&content);
    return code;
}

/* The KDC looks for this name. */
extern krb5plugin_windc_ftable windc;

krb5plugin_windc_ftable windc = {
    .minor_version = KRB5_WINDC_PLUGIN_MINOR,
    .init = init,
    .fini = finish,
    .pac_generate = generate,
    .pac_verify = verify,
};
