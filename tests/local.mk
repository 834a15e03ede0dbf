include tests/common/local.mk
include tests/asn1/local.mk
include tests/mech/local.mk
include tests/shim/local.mk
include tests/interop/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
