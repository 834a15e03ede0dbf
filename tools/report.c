#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <gssapi/gssapi_krb5.h>
#include "gssapi_sspi.h"
#include "sspi-gss/sspi_gss.h"
#include "tools/clock.h"
#include "tools/ntlm_mechanism.h"

void report_escape(char *out, size_t size, const char *text, bool keep_blanks)
{
    const unsigned char *next = (const unsigned char *)text;
    size_t length = 0;

    for (; *next != '\0' && length + sizeof("\\xNN") <= size; next++) {
        bool control = *next < 0x20 || *next == 0x7f || (*next == ' ' && !keep_blanks) ||
                       (next[0] == 0xc2 && next[1] >= 0x80 && next[1] < 0xa0);

        if (control)
            length += (size_t)snprintf(out + length, size - length, "\\x%02x", (unsigned)*next);
        else
            out[length++] = (char)*next;
    }
    out[length] = '\0';
}

/* The first buffer that the context gives for an OID, as text; false when there is none. */
static bool inquire(gss_ctx_id_t context, const gss_OID_desc *oid, void *out, size_t size)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    bool found = false;

    if (gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)oid, &set) == GSS_S_COMPLETE &&
        set != GSS_C_NO_BUFFER_SET && set->count > 0 && set->elements[0].length <= size) {
        memcpy(out, set->elements[0].value, set->elements[0].length);
        found = true;
    }
    (void)gss_release_buffer_set(&minor, &set);
    return found;
}

static void name_mechanism(char *name, size_t size, unsigned char *octets, size_t length)
{
    gss_OID_desc oid = {(OM_uint32)length, octets};
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (gss_oid_equal(&oid, gss_mech_krb5))
        (void)snprintf(name, size, "Kerberos");
    else if (gss_oid_equal(&oid, NTLM_MECHANISM))
        (void)snprintf(name, size, "NTLM");
    else if (gss_oid_to_str(&minor, &oid, &text) == GSS_S_COMPLETE)
        (void)snprintf(name, size, "%.*s", (int)text.length, (char *)text.value);
    (void)gss_release_buffer(&minor, &text);
}

static void query_mechanism(struct logon_facts *facts, gss_ctx_id_t context)
{
    unsigned char octets[64];
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)GSS_SSPI_INQ_INNER_MECHANISM,
                                       &set) == GSS_S_COMPLETE &&
        set != GSS_C_NO_BUFFER_SET && set->count > 0 && set->elements[0].length <= sizeof(octets)) {
        memcpy(octets, set->elements[0].value, set->elements[0].length);
        name_mechanism(facts->inner_mechanism, sizeof(facts->inner_mechanism), octets,
                       set->elements[0].length);
    }
    (void)gss_release_buffer_set(&minor, &set);
}

/* What SSPI has no attribute for. */
static void query_gss(struct logon_facts *facts, const SecPkgContext_GssContext *gss)
{
    uint32_t version = 0;

    query_mechanism(facts, gss->Context);
    /* One octet less than there is room for: the structure was zeroed, so the NUL is there. */
    (void)inquire(gss->Context, GSS_SSPI_INQ_TLS_VERSION, facts->tls_version,
                  sizeof(facts->tls_version) - 1);
    (void)inquire(gss->Context, GSS_SSPI_INQ_TLS_CIPHER_SUITE, facts->cipher_suite,
                  sizeof(facts->cipher_suite) - 1);
    if (inquire(gss->Context, GSS_SSPI_INQ_CREDSSP_VERSION, &version, sizeof(version)))
        facts->credssp_version = version;
}

/* Of mechanisms that are not ours, SSPI knows at least which package they are. */
static void query_package(struct logon_facts *facts, struct logon *logon)
{
    SecPkgContext_NegotiationInfoA info = {0};

    if (QueryContextAttributesA(&logon->context, SECPKG_ATTR_NEGOTIATION_INFO, &info) != SEC_E_OK ||
        info.PackageInfo == NULL)
        return;
    if (strcasecmp(info.PackageInfo->Name, "Negotiate") != 0)
        report_escape(facts->inner_mechanism, sizeof(facts->inner_mechanism),
                      info.PackageInfo->Name, false);
    (void)FreeContextBuffer(info.PackageInfo);
}

void report_query(struct logon_facts *facts, struct logon *logon, bool initiator)
{
    SecPkgContext_NamesA names = {NULL};
    SecPkgContext_GssContext gss = {0};

    *facts = (struct logon_facts){0};
    if (QueryContextAttributesA(&logon->context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK &&
        names.sUserName != NULL) {
        report_escape(facts->user, sizeof(facts->user), names.sUserName, false);
        (void)FreeContextBuffer(names.sUserName);
    }
    if (QueryContextAttributesA(&logon->context, SECPKG_ATTR_GSS_CONTEXT, &gss) == SEC_E_OK)
        query_gss(facts, &gss);
    if (facts->inner_mechanism[0] == '\0')
        query_package(facts, logon);
    /* ASC_RET_MUTUAL_AUTH is the same bit. */
    facts->mutual = (logon->attributes & ISC_RET_MUTUAL_AUTH) != 0;
    /* The acceptor has more than a flag: the credential itself. */
    facts->delegated = initiator ? (logon->attributes & ISC_RET_DELEGATE) != 0
                                 : gss.DelegatedCredential != GSS_C_NO_CREDENTIAL;
}

struct logon_cost report_cost(const struct token_stream *stream, int64_t started)
{
    return (struct logon_cost){.round_trips = stream->round_trips,
                               .octets_sent = stream->octets_sent,
                               .octets_received = stream->octets_received,
                               .microseconds = clock_microseconds() - started};
}

static void print_line(const char *what, const char *text)
{
    if (text[0] != '\0')
        printf("  %-17s %s\n", what, text);
}

void report_logon(const char *package, const char *target, const struct logon_facts *facts,
                  const struct logon_cost *cost)
{
    printf("logged on%s%s\n", facts->user[0] != '\0' ? " as " : "", facts->user);
    print_line("target", target);
    print_line("package", package);
    if (facts->credssp_version != 0)
        printf("  %-17s %u\n", "CredSSP version", facts->credssp_version);
    if (facts->tls_version[0] != '\0')
        printf("  %-17s %s, %s\n", "TLS", facts->tls_version, facts->cipher_suite);
    print_line("inner mechanism", facts->inner_mechanism);
    print_line("mutual", facts->mutual ? "yes" : "no");
    print_line("delegated", facts->delegated ? "yes" : "no");
    printf("  %-17s %u round trip%s, %" PRIu64 " bytes sent, %" PRIu64 " bytes received, %.1f ms\n",
           "took", cost->round_trips, cost->round_trips == 1 ? "" : "s", cost->octets_sent,
           cost->octets_received, (double)cost->microseconds / 1000);
}
