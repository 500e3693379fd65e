//! Evidence to entries: imports and, later, meters.
