//! Quantities with units: only lawful products exist; estimates carry their interval.
