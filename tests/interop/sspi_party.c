#include "tests/interop/sspi_party.h"

#include <gssapi_sspi.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sspi-gss/sspi_gss.h>

#define ISC_REQUEST                                                          \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_ALLOCATE_MEMORY)
/* gss-client asks for neither integrity nor confidentiality, and gets what the mechanism gives. */
#define ASC_REQUEST ASC_REQ_ALLOCATE_MEMORY

/* The prototypes do not say that strings are only read. */
#define WRITABLE(pointer) ((void *)(uintptr_t)(pointer))

static bool succeeded(SECURITY_STATUS status, const char *call)
{
    if (status < 0)
        (void)fprintf(stderr, "%s: %s\n", call, SspiGssStatusText());
    return status >= 0;
}

static bool append(struct sspi_token *token, const void *data, size_t length)
{
    if (length > SSPI_TOKEN_MAX - token->length) {
        (void)fprintf(stderr, "a token is too long\n");
        return false;
    }
    if (length != 0)
        memcpy(token->data + token->length, data, length);
    token->length += length;
    return true;
}

bool sspi_party_begin(struct sspi_party *party, const char *package, const char *target,
                      const char *domain, const char *user, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};

    memset(party, 0, sizeof *party);
    party->is_initiator = target != NULL;
    party->is_stream = strcmp(package, "CREDSSP") == 0;
    party->target = target;
    if (user != NULL) {
        identity.Domain = WRITABLE(domain);
        identity.DomainLength = (ULONG)strlen(domain);
        identity.User = WRITABLE(user);
        identity.UserLength = (ULONG)strlen(user);
        identity.Password = WRITABLE(password);
        identity.PasswordLength = (ULONG)strlen(password);
    }
    party->has_credential = succeeded(
        AcquireCredentialsHandleA(
            NULL, WRITABLE(package), target != NULL ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND,
            NULL, user != NULL ? &identity : NULL, NULL, NULL, &party->credential, NULL),
        "AcquireCredentialsHandle");
    return party->has_credential;
}

void sspi_party_end(struct sspi_party *party)
{
    if (party->has_context)
        (void)DeleteSecurityContext(&party->context);
    if (party->has_credential)
        (void)FreeCredentialsHandle(&party->credential);
}

/* One call; *rest is what it left of the input. */
static SECURITY_STATUS call(struct sspi_party *party, struct byte_range input,
                            struct sspi_token *output, struct byte_range *rest)
{
    SecBuffer in[2] = {{(ULONG)input.length, SECBUFFER_TOKEN, WRITABLE(input.data)},
                       {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_all = {SECBUFFER_VERSION, 2, in};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_all = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *context = party->has_context ? &party->context : NULL;
    SECURITY_STATUS status;
    ULONG attributes;

    if (party->is_initiator)
        status = InitializeSecurityContextA(&party->credential, context, WRITABLE(party->target),
                                            ISC_REQUEST, 0, SECURITY_NATIVE_DREP,
                                            byte_range_is_present(input) ? &in_all : NULL, 0,
                                            &party->context, &out_all, &attributes, NULL);
    else
        status = AcceptSecurityContext(&party->credential, context, &in_all, ASC_REQUEST,
                                       SECURITY_NATIVE_DREP, &party->context, &out_all, &attributes,
                                       NULL);
    if (!succeeded(status,
                   party->is_initiator ? "InitializeSecurityContext" : "AcceptSecurityContext"))
        return status;
    party->has_context = true;
    *rest = BYTE_RANGE_ABSENT;
    if (in[1].BufferType == SECBUFFER_EXTRA)
        *rest = (struct byte_range){input.data + input.length - in[1].cbBuffer, in[1].cbBuffer};
    if (!append(output, out.pvBuffer, out.cbBuffer))
        status = SEC_E_INTERNAL_ERROR;
    if (out.pvBuffer != NULL)
        (void)FreeContextBuffer(out.pvBuffer);
    return status;
}

/* Puts RFC 2743's header before CREDSSP's first token, or takes it off. */
static bool reframe(struct sspi_token *token, bool with_header)
{
    gss_const_OID mechanism = GSS_SSPI_MECH_CREDSSP;
    gss_buffer_desc before = {token->length, token->data};
    gss_buffer_desc after = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = with_header ? gss_encapsulate_token(&before, mechanism, &after)
                                  : gss_decapsulate_token(&before, mechanism, &after);
    bool done;

    token->length = 0;
    done = major == GSS_S_COMPLETE && append(token, after.value, after.length);
    (void)gss_release_buffer(&minor, &after);
    return done;
}

enum sspi_step sspi_party_step(struct sspi_party *party, struct byte_range input,
                               struct sspi_token *output)
{
    static struct sspi_token first;
    bool is_first = party->is_stream && !party->has_context;
    SECURITY_STATUS status;

    output->length = 0;
    if (is_first && !party->is_initiator) {
        first.length = 0;
        if (!append(&first, input.data, input.length) || !reframe(&first, false))
            return SSPI_STEP_FAILED;
        input = byte_range_of(first.data, first.length);
    }
    do {
        status = call(party, input, output, &input);
    } while (status == SEC_I_CONTINUE_NEEDED && input.length != 0);
    if (status < 0 || (is_first && party->is_initiator && !reframe(output, true)))
        return SSPI_STEP_FAILED;
    return status == SEC_E_OK ? SSPI_STEP_DONE : SSPI_STEP_CONTINUES;
}

bool sspi_party_seal(struct sspi_party *party, struct byte_range text, struct sspi_token *sealed)
{
    SecPkgContext_StreamSizes stream = {0};
    SecPkgContext_Sizes sizes = {0};
    SecBuffer parts[4] = {{0}};
    SecBufferDesc message = {SECBUFFER_VERSION, party->is_stream ? 4 : 2, parts};
    SECURITY_STATUS status =
        party->is_stream
            ? QueryContextAttributesA(&party->context, SECPKG_ATTR_STREAM_SIZES, &stream)
            : QueryContextAttributesA(&party->context, SECPKG_ATTR_SIZES, &sizes);
    ULONG before = party->is_stream ? stream.cbHeader : sizes.cbSecurityTrailer;

    if (!succeeded(status, "QueryContextAttributes") ||
        text.length > sizeof sealed->data - before - stream.cbTrailer)
        return false;
    memcpy(sealed->data + before, text.data, text.length);
    parts[0] = (SecBuffer){before, party->is_stream ? SECBUFFER_STREAM_HEADER : SECBUFFER_TOKEN,
                           sealed->data};
    parts[1] = (SecBuffer){(ULONG)text.length, SECBUFFER_DATA, sealed->data + before};
    parts[2] = (SecBuffer){stream.cbTrailer, SECBUFFER_STREAM_TRAILER,
                           sealed->data + before + text.length};
    if (!succeeded(EncryptMessage(&party->context, 0, &message, 0), "EncryptMessage"))
        return false;
    /* What was not needed of the room before the text stands between the two. */
    memmove(sealed->data + parts[0].cbBuffer, parts[1].pvBuffer,
            parts[1].cbBuffer + parts[2].cbBuffer);
    sealed->length = parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer;
    return true;
}

bool sspi_party_open(struct sspi_party *party, struct sspi_token *sealed, struct byte_range *text)
{
    SecBuffer parts[4] = {
        {(ULONG)sealed->length, party->is_stream ? SECBUFFER_DATA : SECBUFFER_STREAM, sealed->data},
        {0, party->is_stream ? SECBUFFER_EMPTY : SECBUFFER_DATA, NULL},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, party->is_stream ? 4 : 2, parts};
    ULONG quality = 0;

    if (!succeeded(DecryptMessage(&party->context, &message, 0, &quality), "DecryptMessage"))
        return false;
    *text = byte_range_of(parts[1].pvBuffer, parts[1].cbBuffer);
    return parts[1].BufferType == SECBUFFER_DATA;
}

static SecBufferDesc signed_message(struct byte_range text, struct sspi_token *signature,
                                    SecBuffer parts[2])
{
    parts[0] = (SecBuffer){(ULONG)text.length, SECBUFFER_DATA, WRITABLE(text.data)};
    parts[1] = (SecBuffer){(ULONG)signature->length, SECBUFFER_TOKEN, signature->data};
    return (SecBufferDesc){SECBUFFER_VERSION, 2, parts};
}

bool sspi_party_sign(struct sspi_party *party, struct byte_range text, struct sspi_token *signature)
{
    SecPkgContext_Sizes sizes;
    SecBuffer parts[2];
    SecBufferDesc message;

    if (!succeeded(QueryContextAttributesA(&party->context, SECPKG_ATTR_SIZES, &sizes),
                   "QueryContextAttributes"))
        return false;
    signature->length = sizes.cbMaxSignature;
    message = signed_message(text, signature, parts);
    if (!succeeded(MakeSignature(&party->context, 0, &message, 0), "MakeSignature"))
        return false;
    signature->length = parts[1].cbBuffer;
    return true;
}

bool sspi_party_verify(struct sspi_party *party, struct byte_range text,
                       struct sspi_token *signature)
{
    SecBuffer parts[2];
    SecBufferDesc message = signed_message(text, signature, parts);
    ULONG quality = 0;

    return succeeded(VerifySignature(&party->context, &message, 0, &quality), "VerifySignature");
}
