"""What it says: asset + contact -> message."""
