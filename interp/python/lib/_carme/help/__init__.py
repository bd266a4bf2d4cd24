"""Completion and inspection."""
