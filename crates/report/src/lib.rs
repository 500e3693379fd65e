//! What we say: statements and their formats.
