/*
 * spnego_calls MECHANISM: makes every call in every state and prints what came of it. MECHANISM is
 * "spnego" for 1.3.6.1.5.5.2, whoever that is in this process, or "negotiate" for our own name.
 */
#include "tests/mech/spnego_calls.h"

#include <gssapi/gssapi_krb5.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gssapi_sspi.h"

static const gss_OID_desc spnego_oid = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};

gss_OID mechanism;

/* Where the running call's result goes. */
static FILE *results;

void give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void result(const char *format, ...)
{
    va_list arguments;

    (void)fputc(' ', results);
    va_start(arguments, format);
    (void)vfprintf(results, format, arguments);
    va_end(arguments);
    (void)fflush(results); /* the next call may crash */
}

OM_uint32 result_major(const char *what, OM_uint32 major)
{
    result("%s%s%#x", what, what[0] != '\0' ? "=" : "", major);
    return major;
}

void result_oid(const char *what, gss_const_OID oid)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (oid == GSS_C_NO_OID || GSS_ERROR(gss_oid_to_str(&minor, (gss_OID)(uintptr_t)oid, &text))) {
        result("%s=none", what);
        return;
    }
    result("%s=%s", what, (const char *)text.value);
    (void)gss_release_buffer(&minor, &text);
}

void result_flags(const char *what, OM_uint32 flags, bool established)
{
    result("%s=%#x", what, established ? flags | GSS_C_PROT_READY_FLAG : flags);
}

void result_text(const char *what, gss_buffer_t buffer)
{
    result("%s=", what);
    for (size_t i = 0; i < buffer->length; i++) {
        unsigned char octet = ((const unsigned char *)buffer->value)[i];

        (void)fputc(octet >= 0x20 && octet < 0x7F ? octet : '?', results);
    }
}

void result_time(const char *what, OM_uint32 lifetime)
{
    result("%s=%s", what,
           lifetime == 0                  ? "nothing"
           : lifetime == GSS_C_INDEFINITE ? "ever"
                                          : "a while");
}

void result_name(const char *what, gss_name_t *name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_OID type = GSS_C_NO_OID;
    OM_uint32 minor;

    if (*name == GSS_C_NO_NAME || GSS_ERROR(gss_display_name(&minor, *name, &text, &type))) {
        result("%s=none", what);
        return;
    }
    result_text(what, &text);
    result_oid("of", type);
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, name);
}

/* Runs in a process of its own. */
static void run_call(const struct call *call, const struct subject *subject, int output)
{
    results = fdopen(output, "w");
    if (results == NULL || freopen("/dev/null", "w", stderr) == NULL)
        _exit(EXIT_FAILURE);
    call->run(subject);
    _exit(fclose(results) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Copies what the process writes, each further line with the heading. */
static void copy_result(int input, const char *state, const char *call)
{
    FILE *stream = fdopen(input, "r");
    int octet;

    if (stream == NULL)
        give_up("no memory");
    (void)printf("%s\t%s\t", state, call);
    while ((octet = fgetc(stream)) != EOF) {
        if (octet == '\n')
            (void)printf("\n%s\t%s\t", state, call);
        else
            (void)putchar(octet);
    }
    (void)fclose(stream);
}

void record_calls(const char *state, const struct call *calls, const struct subject *subject)
{
    for (; calls->name != NULL; calls++) {
        int ends[2];
        int status = 0;
        pid_t child;

        (void)fflush(stdout);
        if (pipe(ends) != 0 || (child = fork()) < 0)
            give_up("no process");
        if (child == 0) {
            (void)close(ends[0]);
            run_call(calls, subject, ends[1]);
        }
        (void)close(ends[1]);
        copy_result(ends[0], state, calls->name);
        if (waitpid(child, &status, 0) != child)
            give_up("a process was lost");
        (void)printf("%s\n", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : " crashed");
    }
}

gss_name_t import_name(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (GSS_ERROR(gss_import_name(&minor, &buffer, type, &name)))
        give_up("the name %s is refused", text);
    return name;
}

gss_cred_id_t acquire(OM_uint32 *major, const char *user, gss_OID type, gss_cred_usage_t usage,
                      const char *key, const char *value)
{
    gss_OID_set_desc mechanisms = {1, mechanism};
    gss_key_value_element_desc element = {key, value};
    gss_key_value_set_desc store = {1, &element};
    gss_name_t name = user != NULL ? import_name(user, type) : GSS_C_NO_NAME;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    *major =
        gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage,
                              key != NULL ? &store : GSS_C_NO_CRED_STORE, &credential, NULL, NULL);
    (void)gss_release_name(&minor, &name);
    return credential;
}

static void step_client(struct logon *logon)
{
    gss_name_t target = import_name(logon->target, GSS_C_NT_HOSTBASED_SERVICE);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    logon->client_major = gss_init_sec_context(
        &minor, logon->client_credential, &logon->client, target, mechanism, logon->flags, 0,
        GSS_C_NO_CHANNEL_BINDINGS, &logon->token, NULL, &output, &logon->client_flags, NULL);
    (void)gss_release_buffer(&minor, &logon->token);
    (void)gss_release_name(&minor, &target);
    logon->token = output;
}

static void step_server(struct logon *logon)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    /* By our own name, the mechglue needs our header to find the acceptor. */
    if (logon->server == GSS_C_NO_CONTEXT && mechanism->length != spnego_oid.length) {
        if (gss_encapsulate_token(&logon->token, mechanism, &framed) != GSS_S_COMPLETE)
            give_up("no memory");
        (void)gss_release_buffer(&minor, &logon->token);
        logon->token = framed;
    }
    logon->server_major =
        gss_accept_sec_context(&minor, &logon->server, logon->server_credential, &logon->token,
                               GSS_C_NO_CHANNEL_BINDINGS, &logon->source, &logon->server_mechanism,
                               &output, &logon->server_flags, NULL, &logon->delegated);
    (void)gss_release_buffer(&minor, &logon->token);
    logon->token = output;
}

bool logon_advance(struct logon *logon, unsigned steps)
{
    bool clients_turn = true;

    logon->client_major = logon->server_major = GSS_S_CONTINUE_NEEDED;
    while (steps-- > 0 && !GSS_ERROR(logon->client_major) && !GSS_ERROR(logon->server_major)) {
        if ((clients_turn ? logon->client_major : logon->server_major) == GSS_S_COMPLETE)
            break;
        if (clients_turn)
            step_client(logon);
        else
            step_server(logon);
        clients_turn = !clients_turn;
    }
    return logon->client_major == GSS_S_COMPLETE && logon->server_major == GSS_S_COMPLETE;
}

void logon_end(struct logon *logon)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &logon->client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &logon->server, GSS_C_NO_BUFFER);
    (void)gss_release_cred(&minor, &logon->delegated);
    (void)gss_release_name(&minor, &logon->source);
    (void)gss_release_buffer(&minor, &logon->token);
}

/* Gives a side a token that nobody sent. */
static void spoil(struct logon *logon, bool client)
{
    gss_buffer_desc garbage = {4, malloc(4)};
    OM_uint32 minor;

    if (garbage.value == NULL)
        give_up("no memory");
    memcpy(garbage.value, "\xa1\x02\x30\x05", 4);
    (void)gss_release_buffer(&minor, &logon->token);
    logon->token = garbage;
    if (client)
        step_client(logon);
    else
        step_server(logon);
}

static const char *stage_of(OM_uint32 major)
{
    if (GSS_ERROR(major))
        return "failed";
    return major == GSS_S_COMPLETE ? "established" : "half-made";
}

/* Every call on one side of a logon; peer is the other one when both are done. */
static void record_side(const char *label, unsigned steps, const struct logon *logon, bool client,
                        bool done)
{
    gss_ctx_id_t context = client ? logon->client : logon->server;
    gss_ctx_id_t peer = !done ? GSS_C_NO_CONTEXT : client ? logon->server : logon->client;
    const struct subject subject = {.context = context, .peer = peer};
    char state[128];

    if (context == GSS_C_NO_CONTEXT)
        return;
    (void)snprintf(state, sizeof state, "%s, %s %s after %u steps", label,
                   stage_of(client ? logon->client_major : logon->server_major),
                   client ? "client" : "server", steps);
    record_calls(state, context_calls, &subject);
}

/* Spoils one side, if it waits for a token, and makes every call on what is left. */
static void record_failed(const char *label, unsigned steps, struct logon *logon, bool client)
{
    if ((client ? logon->client : logon->server) == GSS_C_NO_CONTEXT ||
        (client ? logon->client_major : logon->server_major) != GSS_S_CONTINUE_NEEDED)
        return;
    spoil(logon, client);
    record_side(label, steps, logon, client, false);
}

/* Every call on what the client delegated. */
static void record_delegated(const char *label, gss_cred_id_t delegated)
{
    const struct subject subject = {.credential = delegated};
    char state[64];

    if (delegated == GSS_C_NO_CREDENTIAL)
        return;
    (void)snprintf(state, sizeof state, "%s: delegated", label);
    record_calls(state, credential_calls, &subject);
}

/* Every call after each step of a logon, on whole contexts and on such as failed. */
static void record_logon(const char *label, const struct logon *plan)
{
    bool done = false;

    for (unsigned steps = 1; !done && steps <= LOGON_STEPS_MAXIMUM; steps++) {
        struct logon logon = *plan;

        done = logon_advance(&logon, steps);
        if (GSS_ERROR(logon.client_major) || GSS_ERROR(logon.server_major))
            give_up("%s: the logon fails in step %u: %#x, %#x", label, steps, logon.client_major,
                    logon.server_major);
        record_side(label, steps, &logon, true, done);
        record_side(label, steps, &logon, false, done);
        if (done) {
            const struct subject source = {.name = logon.source};

            record_calls(label, name_calls, &source);
            record_delegated(label, logon.delegated);
        }
        record_failed(label, steps, &logon, true);
        record_failed(label, steps, &logon, false);
        logon_end(&logon);
    }
}

static void record_credential(const char *state, const char *user, gss_OID type,
                              gss_cred_usage_t usage, const char *key, const char *value)
{
    struct subject subject = {.credential = GSS_C_NO_CREDENTIAL};
    OM_uint32 major;
    OM_uint32 minor;

    subject.credential = acquire(&major, user, type, usage, key, value);
    (void)printf("%s\tgss_acquire_cred_from\t %#x\n", state, major);
    if (!GSS_ERROR(major))
        record_calls(state, credential_calls, &subject);
    (void)gss_release_cred(&minor, &subject.credential);
}

static void use_cache(const char *name)
{
    if (setenv("KRB5CCNAME", name, 1) != 0)
        give_up("no memory");
}

static void record_credentials(void)
{
    const struct subject none = {.credential = GSS_C_NO_CREDENTIAL};
    const char *keytab = getenv("KRB5_KTNAME");

    record_calls("no credential", credential_calls, &none);
    record_credential("initiator", NULL, NULL, GSS_C_INITIATE, NULL, NULL);
    record_credential("alice", "alice", GSS_C_NT_USER_NAME, GSS_C_INITIATE, NULL, NULL);
    record_credential("nobody", "nobody", GSS_C_NT_USER_NAME, GSS_C_INITIATE, NULL, NULL);
    record_credential("acceptor", NULL, NULL, GSS_C_ACCEPT, NULL, NULL);
    record_credential("service", "HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE, GSS_C_ACCEPT, NULL,
                      NULL);
    record_credential("both", NULL, NULL, GSS_C_BOTH, NULL, NULL);
    record_credential("no such cache", NULL, NULL, GSS_C_INITIATE, "ccache", "FILE:/nonexistent");
    record_credential("keytab", NULL, NULL, GSS_C_ACCEPT, "keytab", keytab);
    /* A service that can get tickets: who impersonates. */
    use_cache("MEMORY:service");
    record_credential("impersonator", "HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE, GSS_C_INITIATE,
                      "client_keytab", keytab);
    record_credential("impersonating acceptor", "HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE,
                      GSS_C_BOTH, "client_keytab", keytab);
}

static void record_names(void)
{
    const struct {
        const char *text;
        gss_OID type;
    } names[] = {{"alice", GSS_C_NT_USER_NAME},
                 {"alice@EXAMPLE.TEST", (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME},
                 {"EXAMPLE\\alice", GSS_C_NT_USER_NAME},
                 {"HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE}};
    OM_uint32 minor;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct subject subject = {.name = import_name(names[i].text, names[i].type)};

        record_calls(names[i].text, name_calls, &subject);
        (void)gss_release_name(&minor, &subject.name);
    }
}

int main(int argc, char **argv)
{
    const OM_uint32 flags =
        GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG;
    struct logon kerberos = {.target = "HTTP@localhost", .flags = flags};
    struct logon one_leg = {.target = "HTTP@localhost", .flags = GSS_C_INTEG_FLAG};
    struct logon dce = {.target = "HTTP@localhost", .flags = flags | GSS_C_DCE_STYLE};
    struct logon delegating = {.target = "HTTP@localhost", .flags = flags | GSS_C_DELEG_FLAG};
    struct logon ntlm = {.target = "HTTP@localhost", .flags = flags};
    OM_uint32 minor;
    OM_uint32 major;

    if (argc != 2)
        give_up("usage: spnego_calls spnego|negotiate");
    mechanism = (gss_OID)(uintptr_t)(strcmp(argv[1], "negotiate") == 0 ? GSS_SSPI_MECH_NEGOTIATE
                                                                       : &spnego_oid);
    record_calls("mechanism", mechanism_calls, NULL);
    record_names();
    record_logon("Kerberos", &kerberos);
    record_logon("Kerberos in one leg", &one_leg);
    record_logon("Kerberos, DCE style", &dce);
    record_logon("Kerberos, delegating", &delegating);
    record_credentials();
    use_cache("MEMORY:empty");
    ntlm.client_credential = acquire(&major, NULL, NULL, GSS_C_INITIATE, NULL, NULL);
    record_logon("NTLM", &ntlm);
    (void)gss_release_cred(&minor, &ntlm.client_credential);
    record_credential("NTLM", NULL, NULL, GSS_C_INITIATE, NULL, NULL);
    record_credential("NTLM, alice", "alice", GSS_C_NT_USER_NAME, GSS_C_INITIATE, NULL, NULL);
    return EXIT_SUCCESS;
}
