#include "sspi-shim/flags.h"

#include <stddef.h>
#include <gssapi/gssapi_ext.h>

/* gss-ntlmssp's request for NTLM over datagrams; it has no name in the GSS headers. */
#define NTLM_DATAGRAM_FLAG 0x10000

struct flag {
    ULONG initiator; /* ISC_REQ_* and ISC_RET_* */
    ULONG acceptor;  /* ASC_REQ_* and ASC_RET_* */
    OM_uint32 gss;
};

static const struct flag negotiated[] = {
    {ISC_REQ_DELEGATE, ASC_REQ_DELEGATE, GSS_C_DELEG_FLAG},
    {ISC_REQ_MUTUAL_AUTH, ASC_REQ_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG},
    {ISC_REQ_REPLAY_DETECT, ASC_REQ_REPLAY_DETECT, GSS_C_REPLAY_FLAG},
    {ISC_REQ_SEQUENCE_DETECT, ASC_REQ_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG},
    {ISC_REQ_CONFIDENTIALITY, ASC_REQ_CONFIDENTIALITY, GSS_C_CONF_FLAG},
    {ISC_REQ_INTEGRITY, ASC_REQ_INTEGRITY, GSS_C_INTEG_FLAG},
    {ISC_REQ_NULL_SESSION, ASC_RET_NULL_SESSION, GSS_C_ANON_FLAG},
    {ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, GSS_C_DCE_STYLE},
    {ISC_REQ_IDENTIFY, ASC_REQ_IDENTIFY, GSS_C_IDENTIFY_FLAG},
    {ISC_REQ_EXTENDED_ERROR, ASC_REQ_EXTENDED_ERROR, GSS_C_EXTENDED_ERROR_FLAG},
    {ISC_REQ_DATAGRAM, ASC_REQ_DATAGRAM, NTLM_DATAGRAM_FLAG},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What a caller asks for and simply gets: it says how the caller works. */
#define ISC_CALLER_FLAGS                                                                      \
    (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONNECTION | ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR | \
     ISC_REQ_USE_SUPPLIED_CREDS)
#define ASC_CALLER_FLAGS \
    (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONNECTION | ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR)

OM_uint32 flags_to_gss(ULONG request, bool is_stream)
{
    OM_uint32 flags = 0;

    for (size_t i = 0; i < COUNT_OF(negotiated); i++) {
        if ((request & negotiated[i].initiator) != 0)
            flags |= negotiated[i].gss;
    }
    if ((request & ISC_REQ_NO_INTEGRITY) != 0)
        flags &= ~(OM_uint32)GSS_C_INTEG_FLAG;
    if ((flags & GSS_C_CONF_FLAG) != 0)
        flags |= GSS_C_INTEG_FLAG;
    /* Windows' packages number protected messages whether or not that was asked for. */
    if ((flags & GSS_C_INTEG_FLAG) != 0 && (request & ISC_REQ_DATAGRAM) == 0)
        flags |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    /* A ticket is delegated to a server that has proved who it is, and to no other. */
    if (!is_stream && (flags & GSS_C_MUTUAL_FLAG) == 0)
        flags &= ~(OM_uint32)GSS_C_DELEG_FLAG;
    return flags;
}

ULONG flags_from_gss(OM_uint32 flags, ULONG request, bool initiator)
{
    ULONG result = request & (initiator ? ISC_CALLER_FLAGS : ASC_CALLER_FLAGS);

    for (size_t i = 0; i < COUNT_OF(negotiated); i++) {
        if ((flags & negotiated[i].gss) != 0)
            result |= initiator ? negotiated[i].initiator : negotiated[i].acceptor;
    }
    return result;
}

bool flags_lack_required(OM_uint32 flags, ULONG request)
{
    static const OM_uint32 required =
        GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

    for (size_t i = 0; i < COUNT_OF(negotiated); i++) {
        if ((request & negotiated[i].acceptor) != 0 && (negotiated[i].gss & required) != 0 &&
            (flags & negotiated[i].gss) == 0)
            return true;
    }
    return false;
}
