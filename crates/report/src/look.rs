//! The look: one style sheet for dashboard and printed statements.

/// The style sheet; no script, no font and no image from elsewhere.
pub const CSS: &str = include_str!("look.css");
