/* The table of functions for programs that load this library at run time. */
#include <sspi-gss/sspi.h>

#include "sspi-shim/status.h"

/*
 * Members of the table that no package here has. Callers find a function where Windows has one, and
 * are told.
 */
static SECURITY_STATUS unsupported(void)
{
    return status_finish(SEC_E_UNSUPPORTED_FUNCTION);
}

static SECURITY_STATUS SEC_ENTRY no_control_token(PCtxtHandle phContext, PSecBufferDesc pInput)
{
    (void)phContext;
    (void)pInput;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_export(PCtxtHandle phContext, ULONG fFlags,
                                           PSecBuffer pPackedContext, void **pToken)
{
    (void)phContext;
    (void)fFlags;
    (void)pPackedContext;
    (void)pToken;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_import_a(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                             void *Token, PCtxtHandle phContext)
{
    (void)pszPackage;
    (void)pPackedContext;
    (void)Token;
    (void)phContext;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_import_w(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                             void *Token, PCtxtHandle phContext)
{
    (void)pszPackage;
    (void)pPackedContext;
    (void)Token;
    (void)phContext;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_set_context_attributes(PCtxtHandle phContext, ULONG ulAttribute,
                                                           void *pBuffer, ULONG cbBuffer)
{
    (void)phContext;
    (void)ulAttribute;
    (void)pBuffer;
    (void)cbBuffer;
    return unsupported();
}

static SecurityFunctionTableA table_a = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
    .EnumerateSecurityPackagesA = EnumerateSecurityPackagesA,
    .QueryCredentialsAttributesA = QueryCredentialsAttributesA,
    .AcquireCredentialsHandleA = AcquireCredentialsHandleA,
    .FreeCredentialsHandle = FreeCredentialsHandle,
    .InitializeSecurityContextA = InitializeSecurityContextA,
    .AcceptSecurityContext = AcceptSecurityContext,
    .CompleteAuthToken = CompleteAuthToken,
    .DeleteSecurityContext = DeleteSecurityContext,
    .ApplyControlToken = no_control_token,
    .QueryContextAttributesA = QueryContextAttributesA,
    .ImpersonateSecurityContext = ImpersonateSecurityContext,
    .RevertSecurityContext = RevertSecurityContext,
    .MakeSignature = MakeSignature,
    .VerifySignature = VerifySignature,
    .FreeContextBuffer = FreeContextBuffer,
    .QuerySecurityPackageInfoA = QuerySecurityPackageInfoA,
    .Reserved3 = (void *)EncryptMessage,
    .Reserved4 = (void *)DecryptMessage,
    .ExportSecurityContext = no_export,
    .ImportSecurityContextA = no_import_a,
    .AddCredentialsA = AddCredentialsA,
    .QuerySecurityContextToken = QuerySecurityContextToken,
    .EncryptMessage = EncryptMessage,
    .DecryptMessage = DecryptMessage,
    .SetContextAttributesA = no_set_context_attributes,
    .SetCredentialsAttributesA = SetCredentialsAttributesA,
    .ChangeAccountPasswordA = ChangeAccountPasswordA,
    .QueryContextAttributesExA = QueryContextAttributesExA,
    .QueryCredentialsAttributesExA = QueryCredentialsAttributesExA,
};

static SecurityFunctionTableW table_w = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
    .EnumerateSecurityPackagesW = EnumerateSecurityPackagesW,
    .QueryCredentialsAttributesW = QueryCredentialsAttributesW,
    .AcquireCredentialsHandleW = AcquireCredentialsHandleW,
    .FreeCredentialsHandle = FreeCredentialsHandle,
    .InitializeSecurityContextW = InitializeSecurityContextW,
    .AcceptSecurityContext = AcceptSecurityContext,
    .CompleteAuthToken = CompleteAuthToken,
    .DeleteSecurityContext = DeleteSecurityContext,
    .ApplyControlToken = no_control_token,
    .QueryContextAttributesW = QueryContextAttributesW,
    .ImpersonateSecurityContext = ImpersonateSecurityContext,
    .RevertSecurityContext = RevertSecurityContext,
    .MakeSignature = MakeSignature,
    .VerifySignature = VerifySignature,
    .FreeContextBuffer = FreeContextBuffer,
    .QuerySecurityPackageInfoW = QuerySecurityPackageInfoW,
    .Reserved3 = (void *)EncryptMessage,
    .Reserved4 = (void *)DecryptMessage,
    .ExportSecurityContext = no_export,
    .ImportSecurityContextW = no_import_w,
    .AddCredentialsW = AddCredentialsW,
    .QuerySecurityContextToken = QuerySecurityContextToken,
    .EncryptMessage = EncryptMessage,
    .DecryptMessage = DecryptMessage,
    .SetContextAttributesW = no_set_context_attributes,
    .SetCredentialsAttributesW = SetCredentialsAttributesW,
    .ChangeAccountPasswordW = ChangeAccountPasswordW,
    .QueryContextAttributesExW = QueryContextAttributesExW,
    .QueryCredentialsAttributesExW = QueryCredentialsAttributesExW,
};

PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void)
{
    return &table_a;
}

PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void)
{
    return &table_w;
}
