#include "tools/logon.h"

/* Far more than any logon takes; a peer that needs more is playing for time. */
#define MOST_LEGS 64

/* One side of a logon: what stays the same from leg to leg. target is NULL on accepting sides. */
struct side {
    CredHandle *credential;
    const char *target;
    ULONG requirements;
};

/* What one leg gave: the token to send (FreeContextBuffer), and what it left of the input. */
struct leg {
    SECURITY_STATUS status;
    void *token;
    size_t token_length;
    size_t input_left;
};

bool logon_framing(const char *package, enum framing *framing, struct failure *failure)
{
    PSecPkgInfoA info = NULL;
    SECURITY_STATUS status = QuerySecurityPackageInfoA((char *)package, &info);

    if (status != SEC_E_OK) {
        failure_of_sspi(failure, package, status);
        return false;
    }
    *framing = (info->fCapabilities & SECPKG_FLAG_STREAM) != 0 ? FRAMING_STREAM : FRAMING_LENGTH;
    (void)FreeContextBuffer(info);
    return true;
}

static SECURITY_STATUS call(struct logon *logon, const struct side *side, PSecBufferDesc input,
                            PSecBufferDesc output)
{
    CtxtHandle *existing = logon->has_context ? &logon->context : NULL;

    if (side->target == NULL)
        return AcceptSecurityContext(side->credential, existing, input, side->requirements,
                                     SECURITY_NATIVE_DREP, &logon->context, output,
                                     &logon->attributes, NULL);
    return InitializeSecurityContextA(side->credential, existing, (char *)side->target,
                                      side->requirements, 0, SECURITY_NATIVE_DREP, input, 0,
                                      &logon->context, output, &logon->attributes, NULL);
}

/* One call of SSPI with all of stream->input. Records a failure at once: its text does not last. */
static struct leg run_leg(struct logon *logon, const struct side *side, struct token_stream *stream,
                          struct failure *failure)
{
    SecBuffer in[] = {{(ULONG)stream->input_length, SECBUFFER_TOKEN, stream->input},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    bool speaks_first = side->target != NULL && !logon->has_context;
    struct leg leg = {.status = call(logon, side, speaks_first ? NULL : &input, &output)};

    if (leg.status < 0 && leg.status != SEC_E_INCOMPLETE_MESSAGE)
        failure_of_sspi(failure,
                        side->target != NULL ? "the logon failed" : "the logon was refused",
                        leg.status);
    if (leg.status >= 0)
        logon->has_context = true;
    leg.token = out.pvBuffer;
    leg.token_length = out.pvBuffer != NULL ? out.cbBuffer : 0;
    if (leg.status == SEC_E_INCOMPLETE_MESSAGE)
        leg.input_left = stream->input_length;
    else if (in[1].BufferType == SECBUFFER_EXTRA)
        leg.input_left = in[1].cbBuffer;
    return leg;
}

/* Sends what the leg gave. With an error it is a courtesy: the logon has failed already. */
static bool send_token(const struct leg *leg, struct token_stream *stream, struct failure *failure)
{
    if (leg->token_length == 0 && leg->status != SEC_I_CONTINUE_NEEDED)
        return true;
    if (leg->token_length == 0 && stream->framing == FRAMING_STREAM)
        return true;
    return token_stream_send(stream, leg->token, leg->token_length, failure);
}

static bool run(struct logon *logon, const struct side *side, struct token_stream *stream,
                struct failure *failure)
{
    bool receive = side->target == NULL;

    for (unsigned count = 0; count < MOST_LEGS; count++) {
        struct leg leg;
        bool sent;

        if (receive && !token_stream_receive(stream, failure))
            return false;
        leg = run_leg(logon, side, stream, failure);
        sent = send_token(&leg, stream, failure);
        /* Input that a leg neither consumed nor answered can only wait for more. */
        receive = leg.input_left == 0 ||
                  (leg.input_left == stream->input_length && leg.token_length == 0);
        token_stream_keep_last(stream, leg.input_left);
        if (leg.token != NULL)
            (void)FreeContextBuffer(leg.token);
        if (!sent || failure_happened(failure))
            return false;
        if (leg.status == SEC_E_OK)
            return true;
        if (leg.status != SEC_I_CONTINUE_NEEDED && leg.status != SEC_E_INCOMPLETE_MESSAGE) {
            failure_of_sspi(failure, "the logon needs what this program does not do", leg.status);
            return false;
        }
    }
    failure_say(failure, "the logon does not come to an end");
    return false;
}

bool logon_initiate(struct logon *logon, struct token_stream *stream, CredHandle *credential,
                    const char *target, ULONG requirements, struct failure *failure)
{
    struct side side = {credential, target, requirements | ISC_REQ_ALLOCATE_MEMORY};

    *logon = (struct logon){0};
    return run(logon, &side, stream, failure);
}

bool logon_accept(struct logon *logon, struct token_stream *stream, CredHandle *credential,
                  ULONG requirements, struct failure *failure)
{
    struct side side = {credential, NULL, requirements | ASC_REQ_ALLOCATE_MEMORY};

    *logon = (struct logon){0};
    return run(logon, &side, stream, failure);
}

void logon_release(struct logon *logon)
{
    if (logon->has_context)
        (void)DeleteSecurityContext(&logon->context);
    *logon = (struct logon){0};
}
