//! What is allowed: rules, budgets, register and audit.
