"""Dialogs: one question each, answered from the keyboard; they decide nothing about states."""
