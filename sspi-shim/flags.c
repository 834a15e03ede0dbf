#include "sspi-shim/flags.h"

#include <stddef.h>
#include <stdio.h>
#include <gssapi/gssapi_ext.h>
#include "sspi-shim/status.h"

enum flag_effect {
    FLAG_NEGOTIATED, /* asked of the mechanism; RET says what came of it */
    FLAG_REQUIRED,   /* acceptors: a client that did not ask for it is refused */
    FLAG_HONOURED,   /* obeyed here; where there is a RET bit, it says so */
    FLAG_NO_EFFECT,
    FLAG_REFUSED, /* SEC_E_UNSUPPORTED_FUNCTION */
};

struct flag {
    ULONG request;
    ULONG result;  /* the bit that tells the caller; 0: none, or set elsewhere */
    OM_uint32 gss; /* the bit of gss_init_sec_context, 0 when there is none */
    enum flag_effect effect;
};

/* In the order of their numbers. sspi-gss(3) says the same in words. */
static const struct flag initiator_flags[] = {
    {ISC_REQ_DELEGATE, ISC_RET_DELEGATE, GSS_C_DELEG_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_REPLAY_DETECT, ISC_RET_REPLAY_DETECT, GSS_C_REPLAY_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_SEQUENCE_DETECT, ISC_RET_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_CONFIDENTIALITY, ISC_RET_CONFIDENTIALITY, GSS_C_CONF_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_USE_SESSION_KEY, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_PROMPT_FOR_CREDS, 0, 0, FLAG_REFUSED},
    {ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS, 0, FLAG_HONOURED},
    {ISC_REQ_ALLOCATE_MEMORY, ISC_RET_ALLOCATED_MEMORY, 0, FLAG_HONOURED},
    {ISC_REQ_USE_DCE_STYLE, ISC_RET_USED_DCE_STYLE, GSS_C_DCE_STYLE, FLAG_NEGOTIATED},
    {ISC_REQ_DATAGRAM, 0, 0, FLAG_REFUSED},
    {ISC_REQ_CONNECTION, ISC_RET_CONNECTION, 0, FLAG_HONOURED},
    {ISC_REQ_CALL_LEVEL, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_FRAGMENT_SUPPLIED, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR, GSS_C_EXTENDED_ERROR_FLAG, FLAG_HONOURED},
    {ISC_REQ_STREAM, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, GSS_C_INTEG_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_IDENTIFY, ISC_RET_IDENTIFY, GSS_C_IDENTIFY_FLAG, FLAG_NEGOTIATED},
    {ISC_REQ_NULL_SESSION, ISC_RET_NULL_SESSION, GSS_C_ANON_FLAG, FLAG_REFUSED},
    {ISC_REQ_MANUAL_CRED_VALIDATION, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_RESERVED1, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_FRAGMENT_TO_FIT, 0, 0, FLAG_HONOURED},
    {ISC_REQ_FORWARD_CREDENTIALS, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_NO_INTEGRITY, 0, 0, FLAG_HONOURED},
    {ISC_REQ_USE_HTTP_STYLE, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_UNVERIFIED_TARGET_NAME, 0, 0, FLAG_NO_EFFECT},
    {ISC_REQ_CONFIDENTIALITY_ONLY, 0, GSS_C_CONF_FLAG, FLAG_NEGOTIATED},
};

static const struct flag acceptor_flags[] = {
    {ASC_REQ_DELEGATE, ASC_RET_DELEGATE, GSS_C_DELEG_FLAG, FLAG_NEGOTIATED},
    {ASC_REQ_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH, GSS_C_MUTUAL_FLAG, FLAG_NEGOTIATED},
    {ASC_REQ_REPLAY_DETECT, ASC_RET_REPLAY_DETECT, GSS_C_REPLAY_FLAG, FLAG_REQUIRED},
    {ASC_REQ_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT, GSS_C_SEQUENCE_FLAG, FLAG_REQUIRED},
    {ASC_REQ_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY, GSS_C_CONF_FLAG, FLAG_REQUIRED},
    {ASC_REQ_USE_SESSION_KEY, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_SESSION_TICKET, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_ALLOCATE_MEMORY, ASC_RET_ALLOCATED_MEMORY, 0, FLAG_HONOURED},
    {ASC_REQ_USE_DCE_STYLE, ASC_RET_USED_DCE_STYLE, GSS_C_DCE_STYLE, FLAG_NEGOTIATED},
    {ASC_REQ_DATAGRAM, 0, 0, FLAG_REFUSED},
    {ASC_REQ_CONNECTION, ASC_RET_CONNECTION, 0, FLAG_HONOURED},
    {ASC_REQ_CALL_LEVEL, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_FRAGMENT_SUPPLIED, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR, GSS_C_EXTENDED_ERROR_FLAG, FLAG_HONOURED},
    {ASC_REQ_STREAM, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY, GSS_C_INTEG_FLAG, FLAG_REQUIRED},
    {ASC_REQ_LICENSING, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_IDENTIFY, ASC_RET_IDENTIFY, GSS_C_IDENTIFY_FLAG, FLAG_NEGOTIATED},
    {ASC_REQ_ALLOW_NULL_SESSION, ASC_RET_NULL_SESSION, GSS_C_ANON_FLAG, FLAG_NEGOTIATED},
    {ASC_REQ_ALLOW_NON_USER_LOGONS, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_ALLOW_CONTEXT_REPLAY, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_FRAGMENT_TO_FIT, 0, 0, FLAG_HONOURED},
    {ASC_REQ_NO_TOKEN, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_PROXY_BINDINGS, 0, 0, FLAG_NO_EFFECT},
    {ASC_REQ_ALLOW_MISSING_BINDINGS, 0, 0, FLAG_HONOURED},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct flag_table {
    const struct flag *flags;
    size_t count;
};

static struct flag_table table_of(bool initiator)
{
    return initiator ? (struct flag_table){initiator_flags, COUNT_OF(initiator_flags)}
                     : (struct flag_table){acceptor_flags, COUNT_OF(acceptor_flags)};
}

static SECURITY_STATUS refuse(ULONG flag)
{
    char reason[64];

    (void)snprintf(reason, sizeof reason, "fContextReq 0x%X cannot be had", (unsigned)flag);
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, reason);
}

SECURITY_STATUS flags_check(ULONG request, bool initiator, const struct package *package)
{
    struct flag_table table = table_of(initiator);
    const ULONG exclusive = ASC_REQ_ALLOW_MISSING_BINDINGS | ASC_REQ_PROXY_BINDINGS;

    if (!initiator && (request & exclusive) == exclusive)
        return status_because(
            SEC_E_SECURITY_QOS_FAILED,
            "ASC_REQ_ALLOW_MISSING_BINDINGS and ASC_REQ_PROXY_BINDINGS exclude each other");
    for (size_t i = 0; i < table.count; i++) {
        if (table.flags[i].effect != FLAG_REFUSED || (request & table.flags[i].request) == 0)
            continue;
        /* NTLM is the one mechanism here that has logons without a name. */
        if (initiator && table.flags[i].request == ISC_REQ_NULL_SESSION &&
            package->id == PACKAGE_NTLM)
            continue;
        return refuse(table.flags[i].request);
    }
    return SEC_E_OK;
}

OM_uint32 flags_to_gss(ULONG request, bool is_stream)
{
    OM_uint32 flags = 0;

    for (size_t i = 0; i < COUNT_OF(initiator_flags); i++) {
        if ((request & initiator_flags[i].request) != 0)
            flags |= initiator_flags[i].gss;
    }
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
    struct flag_table table = table_of(initiator);
    ULONG result = 0;

    for (size_t i = 0; i < table.count; i++) {
        const struct flag *flag = &table.flags[i];

        if (flag->effect == FLAG_HONOURED ? (request & flag->request) != 0
                                          : (flags & flag->gss) != 0)
            result |= flag->result;
    }
    return result;
}

bool flags_lack_required(OM_uint32 flags, ULONG request)
{
    for (size_t i = 0; i < COUNT_OF(acceptor_flags); i++) {
        if (acceptor_flags[i].effect == FLAG_REQUIRED &&
            (request & acceptor_flags[i].request) != 0 && (flags & acceptor_flags[i].gss) == 0)
            return true;
    }
    return false;
}
