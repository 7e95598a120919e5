"""What is said: messages between actors, wire forms, ports. Imports nothing of ours."""
