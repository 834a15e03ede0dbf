# tests/asn1
