"""What dashboards and commands ask of the store; every function takes a connection first and keeps nothing."""
