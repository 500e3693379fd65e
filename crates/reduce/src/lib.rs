//! What would be better: choice, levers and plans.
