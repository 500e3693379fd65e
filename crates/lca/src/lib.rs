//! The method: evaluate() and its nouns, pure of clock, files and async.
