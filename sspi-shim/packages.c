#include "sspi-shim/packages.h"

#include <string.h>
#include <strings.h>
#include <stdlib.h>
#include <gssapi_sspi.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

#define OID(name, octets) \
    static const gss_OID_desc name = {sizeof(octets) - 1, (void *)(uintptr_t)(octets)}

OID(spnego, "\x2b\x06\x01\x05\x05\x02");               /* 1.3.6.1.5.5.2 */
OID(kerberos, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"); /* 1.2.840.113554.1.2.2 */
OID(ntlm, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"); /* 1.3.6.1.4.1.311.2.2.10 */

/*
 * Names, capabilities, RPC identifiers and token sizes are those that Windows 10 reports
 * (EnumerateSecurityPackages). Versions differ: Windows 7 has 0x00083BB3 and 12256 for Negotiate,
 * and there are CREDSSPs with 90567. RPC identifiers are the RPC_C_AUTHN_... of rpcdce.h. "TSSSP"
 * is CREDSSP's other name in credssp.h.
 */
static const struct package packages[] = {
    {
        .id = PACKAGE_NEGOTIATE,
        .name = "Negotiate",
        .comment = "Microsoft Package Negotiator",
        .capabilities = 0x00883BB3,
        .rpc_id = 9,
        .max_token = 48256,
        .names = NAMES_ANY,
        .mechanisms = {&GSS_SSPI_MECH_NEGOTIATE_desc, &spnego},
    },
    {
        .id = PACKAGE_KERBEROS,
        .name = "Kerberos",
        .comment = "Microsoft Kerberos V1.0",
        .capabilities = 0x028F3BBF,
        .rpc_id = 16,
        .max_token = 48000,
        .names = NAMES_KERBEROS,
        .mechanisms = {&kerberos},
    },
    {
        .id = PACKAGE_NTLM,
        .name = "NTLM",
        .comment = "NTLM Security Package",
        .capabilities = 0x02882B37,
        .rpc_id = 10,
        .max_token = 2888,
        .names = NAMES_NTLM,
        .mechanisms = {&ntlm},
    },
    {
        .id = PACKAGE_CREDSSP,
        .name = "CREDSSP",
        .aliases = {"TSSSP"},
        .comment = "Microsoft CredSSP Security Provider",
        .capabilities = 0x00810733,
        .rpc_id = SECPKG_ID_NONE,
        .max_token = 73032,
        .names = NAMES_ANY,
        .is_stream = true,
        .mechanisms = {&GSS_SSPI_MECH_CREDSSP_desc},
    },
};

#define PACKAGE_COUNT (sizeof packages / sizeof packages[0])

bool package_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->length == b->length && memcmp(a->elements, b->elements, a->length) == 0;
}

bool package_mechanism_is_ours(const gss_OID_desc *mechanism)
{
    return package_oid_equal(mechanism, GSS_SSPI_MECH_CREDSSP) ||
           package_oid_equal(mechanism, GSS_SSPI_MECH_NEGOTIATE);
}

static bool has_name(const struct package *package, const char *name)
{
    if (strcasecmp(name, package->name) == 0)
        return true;
    for (size_t i = 0; i < PACKAGE_ALIASES && package->aliases[i] != NULL; i++) {
        if (strcasecmp(name, package->aliases[i]) == 0)
            return true;
    }
    return false;
}

const struct package *package_find(const char *name)
{
    for (size_t i = 0; i < PACKAGE_COUNT; i++) {
        if (has_name(&packages[i], name))
            return &packages[i];
    }
    return NULL;
}

const struct package *package_of_mechanism(const gss_OID_desc *mechanism)
{
    for (size_t i = 0; i < PACKAGE_COUNT; i++) {
        if (package_oid_equal(mechanism, packages[i].mechanisms[0]) ||
            (mechanism != NULL && package_oid_equal(mechanism, packages[i].mechanisms[1])))
            return &packages[i];
    }
    return NULL;
}

static const gss_OID_desc *first_in_set(const struct package *package, const gss_OID_set_desc *set)
{
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < set->count; j++) {
            if (package->mechanisms[i] != NULL &&
                package_oid_equal(package->mechanisms[i], &set->elements[j]))
                return package->mechanisms[i];
        }
    }
    return NULL;
}

const gss_OID_desc *package_mechanism(const struct package *package)
{
    const gss_OID_desc *mechanism;
    gss_OID_set known = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (GSS_ERROR(gss_indicate_mechs(&minor, &known)))
        return NULL;
    mechanism = first_in_set(package, known);
    (void)gss_release_oid_set(&minor, &known);
    return mechanism;
}

void *package_describe(const struct package *const *described, size_t count, bool wide)
{
    /* SecPkgInfoA and SecPkgInfoW differ in what their pointers point to, and in nothing else. */
    size_t size = count * sizeof(SecPkgInfoA);
    SecPkgInfoA *infos;
    unsigned char *place;

    for (size_t i = 0; i < count; i++)
        size += text_size_for_caller(described[i]->name, wide) +
                text_size_for_caller(described[i]->comment, wide);
    infos = context_buffer_allocate(size);
    if (infos == NULL)
        return NULL;
    place = (unsigned char *)(infos + count);
    for (size_t i = 0; i < count; i++) {
        infos[i] = (SecPkgInfoA){
            .fCapabilities = described[i]->capabilities,
            .wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
            .wRPCID = described[i]->rpc_id,
            .cbMaxToken = described[i]->max_token,
        };
        infos[i].Name = (SEC_CHAR *)place;
        place = text_copy_for_caller(described[i]->name, wide, place);
        infos[i].Comment = (SEC_CHAR *)place;
        place = text_copy_for_caller(described[i]->comment, wide, place);
    }
    return infos;
}

static SECURITY_STATUS enumerate(ULONG *count, void **infos, bool wide)
{
    const struct package *present[PACKAGE_COUNT];
    size_t present_count = 0;
    gss_OID_set known = GSS_C_NO_OID_SET;
    OM_uint32 major;
    OM_uint32 minor;

    *count = 0;
    major = gss_indicate_mechs(&minor, &known);
    if (GSS_ERROR(major))
        return status_from_gss(GSS_C_NO_OID, major, minor);
    for (size_t i = 0; i < PACKAGE_COUNT; i++) {
        if (first_in_set(&packages[i], known) != NULL)
            present[present_count++] = &packages[i];
    }
    (void)gss_release_oid_set(&minor, &known);
    *infos = package_describe(present, present_count, wide);
    if (*infos == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    *count = (ULONG)present_count;
    return SEC_E_OK;
}

static SECURITY_STATUS query(const char *name, void **info, bool wide)
{
    const struct package *package = package_find(name);

    if (package == NULL || package_mechanism(package) == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    *info = package_describe(&package, 1, wide);
    return *info != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages, PSecPkgInfoA *ppPackageInfo)
{
    void *infos = NULL;
    SECURITY_STATUS status;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = enumerate(pcPackages, &infos, false);
    *ppPackageInfo = infos;
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages, PSecPkgInfoW *ppPackageInfo)
{
    void *infos = NULL;
    SECURITY_STATUS status;

    if (pcPackages == NULL || ppPackageInfo == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = enumerate(pcPackages, &infos, true);
    *ppPackageInfo = infos;
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                    PSecPkgInfoA *ppPackageInfo)
{
    void *info = NULL;
    SECURITY_STATUS status;

    if (pszPackageName == NULL || ppPackageInfo == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = query(pszPackageName, &info, false);
    *ppPackageInfo = info;
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                    PSecPkgInfoW *ppPackageInfo)
{
    char *name = NULL;
    void *info = NULL;
    SECURITY_STATUS status;

    if (pszPackageName == NULL || ppPackageInfo == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = text_from_wide(pszPackageName, &name);
    if (status == SEC_E_OK)
        status = query(name, &info, true);
    *ppPackageInfo = info;
    free(name);
    return status_finish(status);
}
