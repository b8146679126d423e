"""What the demo begins with: people, functions with a past, and releases in every state."""
