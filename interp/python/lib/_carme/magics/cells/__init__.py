"""Magics that run, time, keep or repeat cells."""
