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

static SECURITY_STATUS SEC_ENTRY no_credential_attributes(PCredHandle phCredential,
                                                          ULONG ulAttribute, void *pBuffer)
{
    (void)phCredential;
    (void)ulAttribute;
    (void)pBuffer;
    return unsupported();
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

static SECURITY_STATUS SEC_ENTRY no_add_credentials_a(PCredHandle hCredentials,
                                                      SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                      ULONG fCredentialUse, void *pAuthData,
                                                      SEC_GET_KEY_FN pGetKeyFn,
                                                      void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    (void)hCredentials;
    (void)pszPrincipal;
    (void)pszPackage;
    (void)fCredentialUse;
    (void)pAuthData;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    (void)ptsExpiry;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_add_credentials_w(PCredHandle hCredentials,
                                                      SEC_WCHAR *pszPrincipal,
                                                      SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                                                      void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                      void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    (void)hCredentials;
    (void)pszPrincipal;
    (void)pszPackage;
    (void)fCredentialUse;
    (void)pAuthData;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    (void)ptsExpiry;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_set_credential_attributes(PCredHandle phCredential,
                                                              ULONG ulAttribute, void *pBuffer,
                                                              ULONG cbBuffer)
{
    (void)phCredential;
    (void)ulAttribute;
    (void)pBuffer;
    (void)cbBuffer;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY
no_change_password_a(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName, SEC_CHAR *pszAccountName,
                     SEC_CHAR *pszOldPassword, SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                     ULONG dwReserved, PSecBufferDesc pOutput)
{
    (void)pszPackageName;
    (void)pszDomainName;
    (void)pszAccountName;
    (void)pszOldPassword;
    (void)pszNewPassword;
    (void)bImpersonating;
    (void)dwReserved;
    (void)pOutput;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY
no_change_password_w(SEC_WCHAR *pszPackageName, SEC_WCHAR *pszDomainName, SEC_WCHAR *pszAccountName,
                     SEC_WCHAR *pszOldPassword, SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
                     ULONG dwReserved, PSecBufferDesc pOutput)
{
    (void)pszPackageName;
    (void)pszDomainName;
    (void)pszAccountName;
    (void)pszOldPassword;
    (void)pszNewPassword;
    (void)bImpersonating;
    (void)dwReserved;
    (void)pOutput;
    return unsupported();
}

static SECURITY_STATUS SEC_ENTRY no_credential_attributes_ex(PCredHandle phCredential,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    (void)phCredential;
    (void)ulAttribute;
    (void)pBuffer;
    (void)cbBuffer;
    return unsupported();
}

static SecurityFunctionTableA table_a = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
    .EnumerateSecurityPackagesA = EnumerateSecurityPackagesA,
    .QueryCredentialsAttributesA = no_credential_attributes,
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
    .AddCredentialsA = no_add_credentials_a,
    .QuerySecurityContextToken = QuerySecurityContextToken,
    .EncryptMessage = EncryptMessage,
    .DecryptMessage = DecryptMessage,
    .SetContextAttributesA = SetContextAttributesA,
    .SetCredentialsAttributesA = no_set_credential_attributes,
    .ChangeAccountPasswordA = no_change_password_a,
    .QueryContextAttributesExA = QueryContextAttributesExA,
    .QueryCredentialsAttributesExA = no_credential_attributes_ex,
};

static SecurityFunctionTableW table_w = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
    .EnumerateSecurityPackagesW = EnumerateSecurityPackagesW,
    .QueryCredentialsAttributesW = no_credential_attributes,
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
    .AddCredentialsW = no_add_credentials_w,
    .QuerySecurityContextToken = QuerySecurityContextToken,
    .EncryptMessage = EncryptMessage,
    .DecryptMessage = DecryptMessage,
    .SetContextAttributesW = SetContextAttributesW,
    .SetCredentialsAttributesW = no_set_credential_attributes,
    .ChangeAccountPasswordW = no_change_password_w,
    .QueryContextAttributesExW = QueryContextAttributesExW,
    .QueryCredentialsAttributesExW = no_credential_attributes_ex,
};

PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void)
{
    return &table_a;
}

PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void)
{
    return &table_w;
}
