/* Messages of CredSSP in buffers of their owner, as long as they must be and not an octet longer. */
#ifndef TESTS_MECH_MESSAGE_PARTS_H
#define TESTS_MECH_MESSAGE_PARTS_H

#include <check.h>

#include "tests/mech/sealed_messages.h"

#define LARGEST_PATTERN ((size_t)64 * 1024 * 1024)
#define PARTS_MAX       12

/* What messages are made of. */
extern unsigned char *pattern;

/* A message: HEADER, DATA, PADDING, TRAILER, in any order; all malloc()ed. */
struct parts {
    gss_iov_buffer_desc iov[PARTS_MAX];
    int count;
};

/* The fixture. */
void set_up(void);
void tear_down(void);

/* tls_options, and CBC behind them. */
#define ALL_OPTIONS (TLS_OPTIONS + 1)
const char *options_of(int index);

/* Adds a part with a copy of octets, which may be NULL. */
void add(struct parts *parts, OM_uint32 type, const void *octets, size_t length);

/* Frees all parts. */
void release(struct parts *parts);

/* A message of the pattern's first octets in one DATA, measured for context. */
void make(struct parts *parts, gss_ctx_id_t context, size_t length);

/* gss_wrap_iov and gss_unwrap_iov. */
OM_uint32 seal_parts(gss_ctx_id_t from, struct parts *parts);
OM_uint32 open_parts(gss_ctx_id_t to, struct parts *parts);

/* Octets in all parts of this type. */
size_t length_of(const struct parts *parts, OM_uint32 type);

/* The DATA are the pattern's first octets. */
void assert_pattern(const struct parts *parts, size_t length);

/* A call failed with this status and this minor code of ours. */
void assert_failed(OM_uint32 major, OM_uint32 expected, long code);

/* Seals, opens and compares. */
void send_in_place(gss_ctx_id_t from, gss_ctx_id_t to, size_t length);

/* The server opens the stream; its data are the pattern's first octets. */
void assert_stream(gss_buffer_t token, size_t length, bool allocate);

/* A program of these tests. */
int run_in_place(const char *name, void (*add_tests)(TCase *cases));

#endif
