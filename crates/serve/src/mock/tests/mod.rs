//! The mock driven over a loopback socket.
