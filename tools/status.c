/* gss-sspi status: is the plugin registered, does it load, and what can it do here. */
#include "tools/command.h"

#include <stdio.h>
#include <string.h>
#include <gssapi/gssapi_krb5.h>
#include "gssapi_sspi.h"
#include "sspi-gss/sspi.h"
#include "sspi-gss/sspi_gss.h"
#include "tools/ntlm_mechanism.h"
#include "tools/registration.h"
#include "tools/report.h"

static bool is_registered(const gss_OID_desc *mechanism)
{
    gss_OID_set registered = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    int present = 0;

    if (gss_indicate_mechs(&minor, &registered) == GSS_S_COMPLETE)
        (void)gss_test_oid_set_member(&minor, (gss_OID)mechanism, registered, &present);
    (void)gss_release_oid_set(&minor, &registered);
    return present != 0;
}

/* The mechglue lists what is registered, and loads it when the first call needs it. */
static bool loads(const gss_OID_desc *mechanism)
{
    gss_OID_set attributes = GSS_C_NO_OID_SET;
    gss_OID_set known = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    bool loaded = gss_inquire_attrs_for_mech(&minor, (gss_OID)mechanism, &attributes, &known) ==
                  GSS_S_COMPLETE;

    (void)gss_release_oid_set(&minor, &attributes);
    (void)gss_release_oid_set(&minor, &known);
    return loaded;
}

static void explain_not_registered(const char *oid)
{
    printf("    To register it, copy the installed gss-mech.conf.example to\n"
           "    /etc/gss/mech.d/sspi.conf. Without the right to, point GSS_MECH_CONFIG to a file\n"
           "    with the lines of both. The line needs the OID %s.\n",
           oid);
}

static void explain_not_loading(const char *oid)
{
    struct registration registration;
    const char *error;

    if (!registration_find(&registration, oid)) {
        printf("    The line that registers it was not found in the usual places.\n");
        return;
    }
    printf("    %s registers it as %s.\n", registration.file, registration.module);
    error = registration_load_error(&registration);
    if (error != NULL)
        printf("    The dynamic linker says: %s\n", error);
    else
        printf("    The file loads, but does not serve as a mechanism: is it mech_sspi.so?\n");
}

/* One of our mechanisms; returns whether it can be used. */
static bool report_mechanism(const char *name, const char *oid, const gss_OID_desc *mechanism)
{
    struct registration registration;

    if (!is_registered(mechanism)) {
        printf("  %-10s not registered\n", name);
        explain_not_registered(oid);
        return false;
    }
    if (!loads(mechanism)) {
        printf("  %-10s registered, but it does not load\n", name);
        explain_not_loading(oid);
        return false;
    }
    if (registration_find(&registration, oid))
        printf("  %-10s ready, from %s\n", name, registration.module);
    else
        printf("  %-10s ready\n", name);
    return true;
}

/* One of the mechanisms that ours use; returns whether it can be used. */
static bool report_inner(const char *name, const gss_OID_desc *mechanism, const char *advice)
{
    bool usable = is_registered(mechanism) && loads(mechanism);

    printf("  %-10s %s\n", name, usable ? "ready" : advice);
    return usable;
}

static void report_packages(void)
{
    PSecPkgInfoA packages = NULL;
    ULONG count = 0;
    SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &packages);

    printf("SSPI packages\n");
    if (status != SEC_E_OK) {
        printf("  none: %s\n", SspiGssStatusName(status));
        return;
    }
    for (ULONG i = 0; i < count; i++)
        printf("  %-10s %s\n", packages[i].Name, packages[i].Comment);
    (void)FreeContextBuffer(packages);
}

static bool report_policy(void)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major =
        gssspi_mech_invoke(&minor, (gss_OID)GSS_SSPI_MECH_CREDSSP, (gss_OID)GSS_SSPI_POLICY, &text);
    const char *line;
    const char *end;

    printf("Policy ([appdefaults] gss-sspi in krb5.conf, see gss-sspi.conf(5))\n");
    if (major != GSS_S_COMPLETE) {
        printf("  cannot be read: a value in krb5.conf is not allowed, or the file is not there\n");
        return false;
    }
    line = text.value;
    end = line + text.length;
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        char escaped[1024];
        char copy[512];

        (void)snprintf(copy, sizeof(copy), "%.*s", (int)((next != NULL ? next : end) - line), line);
        report_escape(escaped, sizeof(escaped), copy, true);
        printf("  %s\n", escaped);
        line = next != NULL ? next + 1 : end;
    }
    (void)gss_release_buffer(&minor, &text);
    return true;
}

int status_command(int argc, char **argv)
{
    bool plugin;
    bool inner;

    (void)argv;
    if (argc != 1)
        return command_usage_error("status takes no arguments");
    printf("Mechanisms of the plugin\n");
    plugin = report_mechanism("CredSSP", GSS_SSPI_MECH_CREDSSP_STRING, GSS_SSPI_MECH_CREDSSP);
    plugin =
        report_mechanism("Negotiate", GSS_SSPI_MECH_NEGOTIATE_STRING, GSS_SSPI_MECH_NEGOTIATE) &&
        plugin;
    printf("Mechanisms inside them\n");
    inner = report_inner("Kerberos", gss_mech_krb5, "not there: MIT Kerberos is not complete");
    inner = report_inner("NTLM", NTLM_MECHANISM,
                         "not there: install gss-ntlmssp and see that it is registered") ||
            inner;
    report_packages();
    if (plugin)
        plugin = report_policy();
    return plugin && inner ? EXIT_DONE : EXIT_FAILED;
}
