/* What chance does to messages of CredSSP and to what is on the wire; nothing where it is 0. */
#ifndef TESTS_FUZZ_CREDSSP_CHANGE_H
#define TESTS_FUZZ_CREDSSP_CHANGE_H

#include "asn1/ts_request.h"
#include "common/byte_buffer.h"
#include "tests/mech/chance.h"

/* Octets of the input; malloc()ed, never without memory behind them. free_range frees them. */
struct byte_range choose_octets(struct chance *chance);
void free_range(struct byte_range range);

/* How many octets go at a time; 0: all that there are. */
size_t choose_size(struct chance *chance);

/* One octet changed, the end cut off, or octets put behind. *octets is malloc()ed. */
void change_octets(struct chance *chance, unsigned char **octets, size_t *length);

/* The same with a buffer, whose memory is its own. */
void change_buffer(struct chance *chance, struct byte_buffer *buffer);

/*
 * One element of a message changed. *octets is malloc()ed. A sealed OCTET STRING may begin like a
 * message: only who knows better looks into them.
 */
void change_element(struct chance *chance, bool into_octet_strings, unsigned char **octets,
                    size_t *length);

/* Fields that should be different, or there, or not there. *version: of all messages from here on. */
void change_request(struct chance *chance, uint32_t *version, struct ts_request *request);

#endif
