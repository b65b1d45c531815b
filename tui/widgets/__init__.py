"""Widgets: they draw rows handed to them and never open the store."""
