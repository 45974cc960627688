"""Bring the actor to the database by itself: one module for each stack, imported only where it is used."""
