#include "tests/interop/peer_logon.h"

#include <stdio.h>
#include <stdlib.h>

/* One step of one side; its token, if there is one, is kept at the end of the list. */
static bool step(struct peer_logon *logon, enum peer_side side, struct byte_range input)
{
    struct peer_answer answer = peer_ask(&logon->processes[side], PEER_STEP, input);

    logon->verdicts[side] = answer.kind;
    if (answer.kind == 0 || answer.length == 0) {
        free(answer.octets);
        return answer.kind != 0;
    }
    if (logon->token_count == PEER_LOGON_MAXIMUM_TOKENS) {
        free(answer.octets);
        return false;
    }
    logon->tokens[logon->token_count++] = (struct peer_token){side, answer.octets, answer.length};
    return true;
}

static bool read_report(struct peer_logon *logon, enum peer_side side)
{
    struct peer_answer answer =
        peer_ask(&logon->processes[side], PEER_REPORT, byte_range_of("", 0));

    logon->reports[side] = (char *)answer.octets;
    return answer.kind == PEER_DONE;
}

/* Tokens go to and fro until none is left, or there is nobody left who wants one. */
static bool relay(struct peer_logon *logon)
{
    size_t delivered = 0;

    if (!step(logon, PEER_INITIATOR, byte_range_of("", 0)))
        return false;
    while (delivered < logon->token_count) {
        struct peer_token *token = &logon->tokens[delivered++];
        enum peer_side to = token->from == PEER_INITIATOR ? PEER_ACCEPTOR : PEER_INITIATOR;

        if (logon->verdicts[to] == PEER_FAILED)
            break;
        if (logon->verdicts[to] == PEER_DONE) {
            logon->verdicts[to] = PEER_FAILED; /* it takes itself for done, and is not */
            break;
        }
        if (!step(logon, to, byte_range_of(token->octets, token->length)))
            return false;
    }
    return true;
}

bool peer_logon_run(struct peer_logon *logon)
{
    for (int side = 0; side < 2; side++)
        logon->processes[side] = (struct peer_process){-1, -1, -1};
    return peer_start(&logon->processes[PEER_INITIATOR], &logon->settings[PEER_INITIATOR]) &&
           peer_start(&logon->processes[PEER_ACCEPTOR], &logon->settings[PEER_ACCEPTOR]) &&
           relay(logon) && read_report(logon, PEER_INITIATOR) && read_report(logon, PEER_ACCEPTOR);
}

bool peer_logon_end(struct peer_logon *logon)
{
    bool in_order = true;

    for (int side = 0; side < 2; side++) {
        in_order = peer_end(&logon->processes[side]) && in_order;
        free(logon->reports[side]);
        logon->reports[side] = NULL;
    }
    while (logon->token_count != 0)
        free(logon->tokens[--logon->token_count].octets);
    return in_order;
}

char *peer_logon_value(const struct peer_logon *logon, enum peer_side side, const char *name)
{
    const char *line = logon->reports[side];
    size_t length = strlen(name);

    while (line != NULL) {
        const char *end = strchr(line, '\n');

        if (strncmp(line, name, length) == 0 && line[length] == '=') {
            line += length + 1;
            return strndup(line, end != NULL ? (size_t)(end - line) : strlen(line));
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

uint32_t peer_logon_number(const struct peer_logon *logon, enum peer_side side, const char *name)
{
    char *text = peer_logon_value(logon, side, name);
    uint32_t number = text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;

    free(text);
    return number;
}

bool peer_logon_send(struct peer_logon *logon, enum peer_side from, char make, char take)
{
    struct byte_range text = byte_range_of(PEER_SIGNED_TEXT, sizeof PEER_SIGNED_TEXT - 1);
    enum peer_side to = from == PEER_INITIATOR ? PEER_ACCEPTOR : PEER_INITIATOR;
    struct peer_answer made = peer_ask(&logon->processes[from], make, text);
    struct peer_answer taken = {0};
    bool arrived = false;

    if (made.kind == PEER_DONE)
        taken = peer_ask(&logon->processes[to], take, byte_range_of(made.octets, made.length));
    if (taken.kind == PEER_DONE)
        arrived = take == PEER_VERIFY ||
                  byte_range_equal(byte_range_of(taken.octets, taken.length), text);
    else
        fprintf(stderr, "%c by %s: %s\n", taken.kind == 0 ? make : take,
                (taken.kind == 0 ? from : to) == PEER_INITIATOR ? "initiator" : "acceptor",
                taken.octets != NULL  ? (const char *)taken.octets
                : made.octets != NULL ? (const char *)made.octets
                                      : "no answer");
    free(made.octets);
    free(taken.octets);
    return arrived;
}
