# tests/mech
