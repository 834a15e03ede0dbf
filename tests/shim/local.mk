# tests/shim
