// Fixture folders and the reference machine.
