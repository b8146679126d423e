"""Every state change, one module per intention. Each asks the policy, acts once, and records it."""
