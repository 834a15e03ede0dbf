#include "sspi-shim/supplied.h"

#include <string.h>
#include <sspi-gss/credssp.h>
#include "sspi-shim/status.h"

static SECURITY_STATUS read_parts(const CREDSSP_CRED *credential, bool wide, bool inbound,
                                  struct supplied *supplied)
{
    SECURITY_STATUS status =
        tls_credential_read(credential->pSchannelCred, inbound, &supplied->tls);

    if (status != SEC_E_OK || credential->pSpnegoCred == NULL)
        return status;
    if (credential->Type != CredsspCertificateCreds)
        return identity_read(credential->pSpnegoCred, wide, &supplied->identity);
    supplied->has_card = true;
    return smart_card_read(credential->pSpnegoCred, &supplied->card);
}

static SECURITY_STATUS read_credssp(const void *data, bool wide, bool inbound,
                                    struct supplied *supplied)
{
    CREDSSP_CRED_EX extended;
    CREDSSP_CRED credential;
    ULONG type;

    memcpy(&type, data, sizeof type);
    switch (type) {
    case CredsspPasswordCreds:
    case CredsspSchannelCreds:
    case CredsspCertificateCreds:
    case CredsspSubmitBufferBoth:
    case CredsspSubmitBufferBothOld:
        memcpy(&credential, data, sizeof credential);
        return read_parts(&credential, wide, inbound, supplied);
    case CredsspCredEx:
        memcpy(&extended, data, sizeof extended);
        if (extended.Version != CREDSSP_CRED_EX_VERSION || extended.Cred.Type == CredsspCredEx)
            return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                                  "this version of CREDSSP_CRED_EX is not known");
        if (extended.Flags != 0)
            return status_because(SEC_E_UNSUPPORTED_FUNCTION, "remote guard is not supported");
        return read_parts(&extended.Cred, wide, inbound, supplied);
    default:
        return identity_read(data, wide, &supplied->identity);
    }
}

SECURITY_STATUS supplied_read(const void *data, enum package_id package, bool wide, bool inbound,
                              struct supplied *supplied)
{
    *supplied = (struct supplied){.has_card = false};
    if (data == NULL)
        return SEC_E_OK;
    return package == PACKAGE_CREDSSP ? read_credssp(data, wide, inbound, supplied)
                                      : identity_read(data, wide, &supplied->identity);
}

void supplied_release(struct supplied *supplied)
{
    identity_release(&supplied->identity);
    tls_credential_release(&supplied->tls);
    smart_card_release(&supplied->card);
}

void supplied_store(const struct supplied *supplied, bool inbound, struct store *store)
{
    if (supplied->identity.packages.length != 0)
        store_add(store, "packages", (const char *)supplied->identity.packages.data);
    tls_credential_store(&supplied->tls, inbound, store);
    if (supplied->has_card && !inbound)
        smart_card_store(&supplied->card, store);
}
