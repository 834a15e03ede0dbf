#include "sspi-shim/channel_bindings.h"

#include <string.h>
#include "sspi-shim/status.h"

/* Takes length octets at offset out of the whole; false when they are not all in it. */
static bool part_of(struct byte_range whole, ULONG offset, ULONG length, gss_buffer_desc *part)
{
    if (offset > whole.length || length > whole.length - offset)
        return false;
    *part = gss_buffer_of(length != 0 ? (struct byte_range){whole.data + offset, length}
                                      : BYTE_RANGE_ABSENT);
    return true;
}

/* The header of either form as that of the longer one. */
static bool read_header(struct byte_range octets, SEC_CHANNEL_BINDINGS_EX *header)
{
    SEC_CHANNEL_BINDINGS plain;
    ULONG first;

    if (octets.length < sizeof plain)
        return false;
    memcpy(&first, octets.data, sizeof first);
    if (first == SEC_CHANNEL_BINDINGS_EX_MAGIC) {
        if (octets.length < sizeof *header)
            return false;
        memcpy(header, octets.data, sizeof *header);
        return header->cbHeaderLength >= sizeof *header &&
               header->cbStructureLength >= header->cbHeaderLength &&
               header->cbStructureLength <= octets.length &&
               (header->flags & ~(ULONG)SEC_CHANNEL_BINDINGS_VALID_FLAGS) == 0;
    }
    memcpy(&plain, octets.data, sizeof plain);
    *header = (SEC_CHANNEL_BINDINGS_EX){
        .dwInitiatorAddrType = plain.dwInitiatorAddrType,
        .cbInitiatorLength = plain.cbInitiatorLength,
        .dwInitiatorOffset = plain.dwInitiatorOffset,
        .dwAcceptorAddrType = plain.dwAcceptorAddrType,
        .cbAcceptorLength = plain.cbAcceptorLength,
        .dwAcceptorOffset = plain.dwAcceptorOffset,
        .cbApplicationDataLength = plain.cbApplicationDataLength,
        .dwApplicationDataOffset = plain.dwApplicationDataOffset,
    };
    return true;
}

bool channel_bindings_read(struct byte_range octets, struct gss_channel_bindings_struct *bindings,
                           ULONG *flags)
{
    SEC_CHANNEL_BINDINGS_EX header;

    if (!read_header(octets, &header))
        return false;
    *flags = header.flags;
    *bindings = (struct gss_channel_bindings_struct){
        .initiator_addrtype = header.dwInitiatorAddrType,
        .acceptor_addrtype = header.dwAcceptorAddrType,
    };
    return part_of(octets, header.dwInitiatorOffset, header.cbInitiatorLength,
                   &bindings->initiator_address) &&
           part_of(octets, header.dwAcceptorOffset, header.cbAcceptorLength,
                   &bindings->acceptor_address) &&
           part_of(octets, header.dwApplicationDataOffset, header.cbApplicationDataLength,
                   &bindings->application_data);
}

/* The same bindings with the longer header; offsets move by what it is longer. NULL: no memory. */
static SEC_CHANNEL_BINDINGS_EX *extend(struct byte_range plain)
{
    const ULONG growth = sizeof(SEC_CHANNEL_BINDINGS_EX) - sizeof(SEC_CHANNEL_BINDINGS);
    SEC_CHANNEL_BINDINGS_EX *longer = context_buffer_allocate(plain.length + growth);

    if (longer == NULL)
        return NULL;
    (void)read_header(plain, longer);
    longer->magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC;
    longer->cbHeaderLength = sizeof *longer;
    longer->cbStructureLength = (ULONG)(plain.length + growth);
    if (longer->cbInitiatorLength != 0)
        longer->dwInitiatorOffset += growth;
    if (longer->cbAcceptorLength != 0)
        longer->dwAcceptorOffset += growth;
    if (longer->cbApplicationDataLength != 0)
        longer->dwApplicationDataOffset += growth;
    memcpy(longer + 1, plain.data + sizeof(SEC_CHANNEL_BINDINGS),
           plain.length - sizeof(SEC_CHANNEL_BINDINGS));
    return longer;
}

static SECURITY_STATUS set_flags(SecPkgContext_Bindings *bindings, ULONG flags)
{
    struct byte_range octets = byte_range_of(bindings->Bindings, bindings->BindingsLength);
    struct gss_channel_bindings_struct parts;
    SEC_CHANNEL_BINDINGS_EX *longer;
    ULONG flags_before;

    if (bindings->Bindings == NULL || octets.length > UINT32_MAX - sizeof *longer ||
        !channel_bindings_read(octets, &parts, &flags_before))
        return SEC_E_INVALID_PARAMETER;
    if (bindings->Bindings->dwInitiatorAddrType == SEC_CHANNEL_BINDINGS_EX_MAGIC) {
        longer = (SEC_CHANNEL_BINDINGS_EX *)(void *)bindings->Bindings;
    } else {
        longer = extend(octets);
        if (longer == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
        (void)context_buffer_free(bindings->Bindings);
        bindings->Bindings = (SEC_CHANNEL_BINDINGS *)(void *)longer;
        bindings->BindingsLength = longer->cbStructureLength;
    }
    longer->flags = flags;
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY SspiSetChannelBindingFlags(SecPkgContext_Bindings *pBindings, ULONG flags)
{
    if (pBindings == NULL || (flags & ~(ULONG)SEC_CHANNEL_BINDINGS_VALID_FLAGS) != 0)
        return status_finish(SEC_E_INVALID_PARAMETER);
    return status_finish(set_flags(pBindings, flags));
}
