"""What the commands do: open, grade, print. Each function is one command."""
