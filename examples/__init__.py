"""Training scripts that show labtop at work, and the driver behind `make demo`."""
