//! The doors: gateway, API and dashboard.
