#include "tests/interop/spnego_rules.h"

#include <stdio.h>

/* Whether the initiator's Kerberos makes a first token. */
static bool initiator_has_kerberos(const struct cell *cell)
{
    switch (cell->scenario) {
    case ONLY_NTLM_IS_WANTED:
    case SERVICE_IS_UNKNOWN:
    case NO_TICKETS:
    case NO_KDC:
    case CREDENTIALS_WITHOUT_TICKETS:
        return false;
    default:
        return true;
    }
}

/*
 * Foreign: Heimdal's initiator speaks NTLMv1 only, which gss-ntlmssp refuses, and its acceptor verifies
 * NTLM with the help of a Heimdal KDC only. So it is whoever the other side is, MIT's included.
 */
static bool ntlm_is_impossible(const struct cell *cell)
{
    return cell->initiator == PEER_HEIMDAL || cell->acceptor == PEER_HEIMDAL;
}

enum outcome predict_outcome(const struct cell *cell)
{
    bool kerberos = initiator_has_kerberos(cell) && cell->scenario != NO_SERVICE_KEY;

    if (cell->feature == BINDINGS_DIFFERENT || cell->scenario == OTHER_SERVICE_KEY)
        return REFUSED;
    if (kerberos)
        return BY_KERBEROS;
    /* gss-ntlmssp has no anonymous logons (1.2.0). */
    if (ntlm_is_impossible(cell) || cell->feature == ANONYMOUS_FLAG)
        return REFUSED;
    return initiator_has_kerberos(cell) ? BY_NTLM_RESELECTED : BY_NTLM_FIRST;
}

/*
 * Windows looks for its own spelling of Kerberos first, and so we send it (MS-SPNG 3.1.5.1); MIT and
 * Heimdal do not. Mechanisms without a first token drop out.
 */
const char *predict_offer(const struct cell *cell)
{
    if (!initiator_has_kerberos(cell))
        return "N";
    if (cell->scenario == ONLY_KERBEROS_IS_WANTED)
        return peer_kind_is_ours(cell->initiator) ? "MK" : "K";
    return peer_kind_is_ours(cell->initiator) ? "MKN" : "KN";
}

bool predict_tokens(const struct cell *cell, char *text, size_t size)
{
    OM_uint32 flags = features[cell->feature].flags;
    const char *offer = predict_offer(cell);

    switch (predict_outcome(cell)) {
    case BY_KERBEROS:
        /* The reply spells the mechanism as it was listed first, and nobody sends a MIC unasked. */
        if (flags & GSS_C_DCE_STYLE)
            (void)snprintf(text, size,
                           "I init %s token; A incomplete %c token; I incomplete - token; "
                           "A completed -",
                           offer, offer[0]);
        else
            (void)snprintf(text, size, "I init %s token; A completed %c%s", offer, offer[0],
                           flags & GSS_C_MUTUAL_FLAG ? " token" : "");
        return true;
    case BY_NTLM_FIRST:
        /* AUTHENTICATE has a MIC, and so the list must have one (MS-SPNG 3.3.5.1). */
        (void)snprintf(text, size,
                       "I init %s token; A incomplete N token; "
                       "I incomplete - token MIC; A completed - MIC",
                       offer);
        return true;
    case BY_NTLM_RESELECTED:
        /* RFC 4178 4.2.2 and 5: request-mic without a token, and a MIC each way. */
        (void)snprintf(text, size,
                       "I init %s token; A request-mic N; I incomplete - token; "
                       "A incomplete - token; I incomplete - token MIC; "
                       "A completed - MIC",
                       offer);
        return true;
    case REFUSED:
    default:
        return false;
    }
}

static OM_uint32 bound_flag(const struct cell *cell, enum peer_side side)
{
    bool knows = side == PEER_ACCEPTOR && cell->acceptor != PEER_HEIMDAL;

    return knows && cell->feature == BINDINGS_SAME ? GSS_C_CHANNEL_BOUND_FLAG : 0;
}

/*
 * Foreign: gss-ntlmssp's initiator echoes what was asked for, mutual authentication and delegation
 * included, and its acceptor tells no more than signing and sealing. MIT's SPNEGO passes that on, and so
 * do we in its place; called by our own name, we do not claim what NTLM does not have.
 */
static OM_uint32 ntlm_flags(const struct cell *cell, enum peer_side side)
{
    OM_uint32 flags = features[cell->feature].flags | GSS_C_INTEG_FLAG;

    if (side == PEER_ACCEPTOR)
        flags &= GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    else if (cell->initiator == PEER_OURS)
        flags &= ~(OM_uint32)(GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG);
    return flags | bound_flag(cell, side);
}

OM_uint32 predict_flags(const struct cell *cell, enum peer_side side)
{
    OM_uint32 flags = features[cell->feature].flags;

    if (predict_outcome(cell) != BY_KERBEROS)
        return ntlm_flags(cell, side);
    /*
     * Kerberos always signs and seals. Anonymity is a matter of its tickets: MIT and Heimdal never claim
     * the flag, so that nobody takes an ordinary logon for an anonymous one.
     */
    flags &= ~(OM_uint32)GSS_C_ANON_FLAG;
    return flags | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | bound_flag(cell, side);
}

const char *predict_user(const struct cell *cell)
{
    if (predict_outcome(cell) != BY_KERBEROS)
        return "EXAMPLE\\alice";
    return cell->feature == ANONYMOUS_TICKET ? "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"
                                             : "alice@EXAMPLE.TEST";
}

OM_uint32 predict_acceptor_error(const struct cell *cell)
{
    bool by_kerberos = initiator_has_kerberos(cell) && cell->scenario != NO_SERVICE_KEY &&
                       cell->scenario != OTHER_SERVICE_KEY;

    if (cell->feature != BINDINGS_DIFFERENT || cell->acceptor == PEER_HEIMDAL)
        return 0;
    if (by_kerberos)
        return GSS_S_BAD_BINDINGS;
    /* Foreign: gss-ntlmssp calls it a defective token; ours says what it is. */
    return !ntlm_is_impossible(cell) && cell->scenario != OTHER_SERVICE_KEY &&
                   peer_kind_is_ours(cell->acceptor)
               ? GSS_S_BAD_BINDINGS
               : 0;
}
