"""Messages: asset + contact -> message."""
