/* What the package NTLM offers to servers. */
#ifndef SSPI_SHIM_NTLM_OFFER_H
#define SSPI_SHIM_NTLM_OFFER_H

#include <gssapi/gssapi.h>

/*
 * Lets an initiator's credential of NTLM offer Unicode alone (common/ntlm_offer.h). A mechanism that
 * does not know the option keeps its own offer.
 */
void ntlm_offer_only_unicode(gss_cred_id_t *credential);

#endif
