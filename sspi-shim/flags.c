#include "sspi-shim/flags.h"

#include <stddef.h>
#include <stdio.h>
#include <gssapi/gssapi_ext.h>
#include "sspi-shim/status.h"

/*
 * A bit of fContextReq, which has the same number in *pfContextAttr, and GSS-API's. sspi-gss(3) says
 * of every bit what it does; those that are not named here have no effect, or one elsewhere.
 */
struct flag {
    ULONG bit;
    OM_uint32 gss;
};

/* Asked of the mechanism; what came of it is told. In the order of their numbers. */
static const struct flag initiator_flags[] = {
    {ISC_REQ_DELEGATE, GSS_C_DELEG_FLAG},       {ISC_REQ_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG},
    {ISC_REQ_REPLAY_DETECT, GSS_C_REPLAY_FLAG}, {ISC_REQ_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG},
    {ISC_REQ_CONFIDENTIALITY, GSS_C_CONF_FLAG}, {ISC_REQ_USE_DCE_STYLE, GSS_C_DCE_STYLE},
    {ISC_REQ_INTEGRITY, GSS_C_INTEG_FLAG},      {ISC_REQ_IDENTIFY, GSS_C_IDENTIFY_FLAG},
    {ISC_REQ_NULL_SESSION, GSS_C_ANON_FLAG},
};

/* What the client asked for; a client that did not ask for what is required is refused. */
static const struct flag acceptor_flags[] = {
    {ASC_REQ_DELEGATE, GSS_C_DELEG_FLAG},          {ASC_REQ_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG},
    {ASC_REQ_REPLAY_DETECT, GSS_C_REPLAY_FLAG},    {ASC_REQ_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG},
    {ASC_REQ_CONFIDENTIALITY, GSS_C_CONF_FLAG},    {ASC_REQ_USE_DCE_STYLE, GSS_C_DCE_STYLE},
    {ASC_REQ_INTEGRITY, GSS_C_INTEG_FLAG},         {ASC_REQ_IDENTIFY, GSS_C_IDENTIFY_FLAG},
    {ASC_REQ_ALLOW_NULL_SESSION, GSS_C_ANON_FLAG},
};

#define FLAG_COUNT (sizeof initiator_flags / sizeof initiator_flags[0])

_Static_assert(sizeof acceptor_flags == sizeof initiator_flags, "one count for both");

#define ACCEPTOR_REQUIRED \
    (ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

/* Obeyed here, and told as asked. */
#define INITIATOR_HONOURED                                                       \
    (ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONNECTION | \
     ISC_REQ_EXTENDED_ERROR)
#define ACCEPTOR_HONOURED (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONNECTION | ASC_REQ_EXTENDED_ERROR)

/* SEC_E_UNSUPPORTED_FUNCTION */
#define INITIATOR_REFUSED (ISC_REQ_PROMPT_FOR_CREDS | ISC_REQ_DATAGRAM | ISC_REQ_NULL_SESSION)
#define ACCEPTOR_REFUSED  ASC_REQ_DATAGRAM

/*
 * The bits, or none. In place of a branch for each flag: no processor foresees them all, and every
 * call would pay for some.
 */
static ULONG bits_if(bool condition, ULONG bits)
{
    return (0 - (ULONG)condition) & bits;
}

static SECURITY_STATUS refuse(ULONG flag)
{
    char reason[64];

    (void)snprintf(reason, sizeof reason, "fContextReq 0x%X cannot be had", (unsigned)flag);
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, reason);
}

SECURITY_STATUS flags_check(ULONG request, bool initiator, const struct package *package)
{
    const ULONG exclusive = ASC_REQ_ALLOW_MISSING_BINDINGS | ASC_REQ_PROXY_BINDINGS;
    ULONG refused = request & (initiator ? INITIATOR_REFUSED : ACCEPTOR_REFUSED);

    if (!initiator && (request & exclusive) == exclusive)
        return status_because(
            SEC_E_SECURITY_QOS_FAILED,
            "ASC_REQ_ALLOW_MISSING_BINDINGS and ASC_REQ_PROXY_BINDINGS exclude each other");
    /* NTLM is the one mechanism here that has logons without a name. */
    if (initiator && package->id == PACKAGE_NTLM)
        refused &= ~(ULONG)ISC_REQ_NULL_SESSION;
    return refused == 0 ? SEC_E_OK : refuse(refused & (0 - refused)); /* the lowest */
}

OM_uint32 flags_to_gss(ULONG request, bool is_stream)
{
    OM_uint32 flags = 0;

    for (size_t i = 0; i < FLAG_COUNT; i++)
        flags |= bits_if((request & initiator_flags[i].bit) != 0, initiator_flags[i].gss);
    flags |= bits_if((request & ISC_REQ_EXTENDED_ERROR) != 0, GSS_C_EXTENDED_ERROR_FLAG);
    flags |= bits_if((request & ISC_REQ_CONFIDENTIALITY_ONLY) != 0, GSS_C_CONF_FLAG);
    if ((request & ISC_REQ_NO_INTEGRITY) != 0)
        flags &= ~(OM_uint32)GSS_C_INTEG_FLAG;
    /* Whatever was asked for: no mechanism here encrypts without protecting from changes. */
    if ((flags & GSS_C_CONF_FLAG) != 0)
        flags |= GSS_C_INTEG_FLAG;
    /* Windows' packages number protected messages whether or not that was asked for. */
    if ((flags & GSS_C_INTEG_FLAG) != 0)
        flags |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    /* A ticket is delegated to a server that has proved who it is, and to no other. */
    if (!is_stream && (flags & GSS_C_MUTUAL_FLAG) == 0)
        flags &= ~(OM_uint32)GSS_C_DELEG_FLAG;
    return flags;
}

ULONG flags_from_gss(OM_uint32 flags, ULONG request, bool initiator)
{
    const struct flag *table = initiator ? initiator_flags : acceptor_flags;
    ULONG result = request & (initiator ? INITIATOR_HONOURED : ACCEPTOR_HONOURED);

    for (size_t i = 0; i < FLAG_COUNT; i++)
        result |= bits_if((flags & table[i].gss) != 0, table[i].bit);
    return result;
}

bool flags_lack_required(OM_uint32 flags, ULONG request)
{
    return (request & ACCEPTOR_REQUIRED & ~flags_from_gss(flags, 0, false)) != 0;
}
