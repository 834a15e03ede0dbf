#include "mech/status.h"

#include <com_err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "common/nt_status.h"
#include "mech/trace.h"

/* Room for one sentence that names every mechanism tried with its reason. */
#define FAILURE_TEXT_OCTETS 768

/* Of the control characters beyond ASCII's: U+0080 to U+009F in UTF-8 are these two octets. */
#define C1_LEAD  0xc2
#define C1_FIRST 0x80
#define C1_LAST  0x9f
#define DELETE   0x7f

struct failure {
    struct gss_sspi_failure facts;
    char text[FAILURE_TEXT_OCTETS];
};

static _Thread_local struct failure last;

/*
 * Kerberos' sentences quote names as peers wrote them, who are not authenticated and might aim at the
 * reader's terminal or at the lines of a log.
 */
static void remove_controls(char *text, size_t length)
{
    const uint8_t *bad;

    while ((bad = u8_check((const uint8_t *)text, length)) != NULL)
        text[bad - (const uint8_t *)text] = '?';
    for (size_t i = 0; i < length; i++) {
        const unsigned char octet = (unsigned char)text[i];
        const unsigned char next = i + 1 < length ? (unsigned char)text[i + 1] : DELETE;

        if (octet < ' ' || octet == DELETE)
            text[i] = '?';
        else if (octet == C1_LEAD && next >= C1_FIRST && next <= C1_LAST)
            text[i] = text[i + 1] = '?';
    }
}

static OM_uint32 record(OM_uint32 *minor, OM_uint32 major, OM_uint32 code, uint32_t nt_status)
{
    remove_controls(last.text, strlen(last.text));
    last.facts = (struct gss_sspi_failure){major, code, nt_status};
    *minor = code;
    trace("failure: %s", last.text);
    return major;
}

/* The com_err table's own strings, reached without the process-wide list of tables. */
static const char *own_text(OM_uint32 code)
{
    OM_uint32 base = (OM_uint32)ERROR_TABLE_BASE_sspi;

    if (code < base || code - base >= (OM_uint32)et_sspi_error_table.n_msgs)
        return NULL;
    return et_sspi_error_table.msgs[code - base];
}

__attribute__((format(printf, 2, 0))) static void compose(long code, const char *detail,
                                                          va_list arguments)
{
    const char *text = own_text((OM_uint32)code);
    int used = snprintf(last.text, sizeof last.text, "%s", text != NULL ? text : "Failure");

    if (detail == NULL || used < 0 || (size_t)used + 3 >= sizeof last.text)
        return;
    memcpy(last.text + used, ": ", 3);
    (void)vsnprintf(last.text + used + 2, sizeof last.text - (size_t)used - 2, detail, arguments);
}

OM_uint32 fail(OM_uint32 *minor, OM_uint32 major, long code, const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    compose(code, detail, arguments);
    va_end(arguments);
    return record(minor, major, (OM_uint32)code, NT_STATUS_NONE);
}

OM_uint32 fail_with_nt_status(OM_uint32 *minor, OM_uint32 major, long code, uint32_t nt_status,
                              const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    compose(code, detail, arguments);
    va_end(arguments);
    return record(minor, major, (OM_uint32)code, nt_status);
}

/* Appends every message of one status to the sentence being made. */
static void append_messages(char *text, size_t size, OM_uint32 value, int type)
{
    OM_uint32 more = 0;

    do {
        OM_uint32 ignored;
        gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
        size_t used = strlen(text);

        if (GSS_ERROR(glue_display_status(&ignored, value, type, GSS_C_NO_OID, &more, &message)))
            return;
        (void)snprintf(text + used, size - used, "%s%.*s", used != 0 ? ": " : "",
                       (int)message.length, (const char *)message.value);
        (void)glue_release_buffer(&ignored, &message);
    } while (more != 0);
}

OM_uint32 fail_inner(OM_uint32 *minor, OM_uint32 major, OM_uint32 inner_minor,
                     const char *mechanism, const char *stage)
{
    char reason[FAILURE_TEXT_OCTETS / 2] = "";
    uint32_t nt_status = nt_status_from_gss(major, inner_minor);
    OM_uint32 code = inner_minor != 0 ? inner_minor : (OM_uint32)GSS_SSPI_E_INNER_FAILED;
    const char *cause;

    if (own_text(inner_minor) != NULL && last.facts.minor == inner_minor) {
        /* A mechanism of ours inside another has said it better already. */
        return record(minor, major, code, last.facts.nt_status);
    }
    if (inner_minor != 0)
        append_messages(reason, sizeof reason, inner_minor, GSS_C_MECH_CODE);
    /* Kerberos gives no minor status with some failures; the mechglue numbers even that: "Success". */
    if (strcmp(reason, strerror(0)) == 0)
        reason[0] = '\0';
    if (reason[0] == '\0')
        append_messages(reason, sizeof reason, major, GSS_C_GSS_CODE);
    /* gss-ntlmssp says "Invalid argument" of a wrong password. */
    cause = nt_status_text(nt_status);
    (void)snprintf(last.text, sizeof last.text, "%s failed while %s: %s%s%s%s", mechanism, stage,
                   reason, cause != NULL ? " (" : "", cause != NULL ? cause : "",
                   cause != NULL ? ")" : "");
    return record(minor, major, code, nt_status);
}

OM_uint32 fail_again(OM_uint32 *minor, const struct gss_sspi_failure *failure, const char *text)
{
    (void)snprintf(last.text, sizeof last.text, "%s", text);
    return record(minor, failure->major, failure->minor, failure->nt_status);
}

void note_reason(struct reasons *reasons)
{
    size_t used = strlen(reasons->text);

    if (used == 0)
        reasons->first = last.facts;
    (void)snprintf(reasons->text + used, sizeof reasons->text - used, "%s%s", used != 0 ? "; " : "",
                   last.text);
}

OM_uint32 fail_with_reasons(OM_uint32 *minor, OM_uint32 major, uint32_t nt_status,
                            const struct reasons *reasons)
{
    return fail_with_nt_status(minor, major, GSS_SSPI_E_NO_MECHANISM, nt_status, "%s",
                               reasons->text[0] != '\0' ? reasons->text
                                                        : "none is registered and allowed");
}

OM_uint32 fail_no_memory(OM_uint32 *minor)
{
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_MEMORY, NULL);
}

uint32_t last_failure_nt_status(void)
{
    return last.facts.nt_status;
}

struct gss_sspi_failure last_failure(void)
{
    return last.facts;
}

const char *last_failure_text(void)
{
    return last.text;
}

OM_uint32 status_display(OM_uint32 *minor, OM_uint32 value, gss_buffer_t text)
{
    /* The mechglue may bring an inner code that it does not know itself straight back to us. */
    static _Thread_local bool asking_the_mechglue;
    const char *own = value != 0 && value == last.facts.minor ? last.text : own_text(value);
    OM_uint32 more = 0;
    OM_uint32 major;

    *minor = 0;
    if (own == NULL && asking_the_mechglue)
        return GSS_S_BAD_STATUS;
    if (own == NULL) {
        asking_the_mechglue = true;
        major = glue_display_status(minor, value, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, text);
        asking_the_mechglue = false;
        if (!GSS_ERROR(major))
            remove_controls(text->value, text->length);
        return major;
    }
    text->value = strdup(own);
    if (text->value == NULL)
        return fail_no_memory(minor);
    text->length = strlen(own);
    return GSS_S_COMPLETE;
}
