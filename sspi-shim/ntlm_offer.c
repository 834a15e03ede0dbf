#include "sspi-shim/ntlm_offer.h"

#include <stdint.h>
#include <gssapi/gssapi_ext.h>
#include "common/ntlm_offer.h"

void ntlm_offer_only_unicode(gss_cred_id_t *credential)
{
    gss_OID_desc option = {NTLM_OFFER_OID_LENGTH, (void *)(uintptr_t)NTLM_OFFER_OID};
    uint32_t flags = NTLM_OFFER_FLAGS;
    gss_buffer_desc value = {sizeof flags, &flags};
    OM_uint32 minor;

    (void)gss_set_cred_option(&minor, credential, &option, &value);
}
