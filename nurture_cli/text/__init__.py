"""Text: bytes of a user's file -> located nodes, and findings with their places."""
