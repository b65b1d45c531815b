"""Pictures of every screen, made by one command from one seeded store: ``python -m screenshots.make``."""
