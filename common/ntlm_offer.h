/*
 * What gss-ntlmssp's initiator is told to offer, by gss_set_cred_option. By itself it offers the OEM
 * character set too; servers that echo both (FreeRDP's) it then refuses.
 */
#ifndef COMMON_NTLM_OFFER_H
#define COMMON_NTLM_OFFER_H

/* The content of the option's OID, 1.3.6.1.4.1.7165.655.1.5, and its length. */
#define NTLM_OFFER_OID        "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x05"
#define NTLM_OFFER_OID_LENGTH 11

/*
 * The option's value, 32 bits: what an NTLM NEGOTIATE message offers (MS-NLMP 2.2.2.5). It is what
 * gss-ntlmssp offers, without OEM. Signing and sealing are added as the context asks for them.
 */
#define NTLM_OFFER_FLAGS                                                                         \
    (0x80000000u /* 56 */ | 0x20000000u /* 128 */ | 0x02000000u /* VERSION */ |                  \
     0x00008000u /* ALWAYS_SIGN */ | 0x00000200u /* NTLM */ | 0x00000004u /* REQUEST_TARGET */ | \
     0x00000001u /* UNICODE */)

#endif
