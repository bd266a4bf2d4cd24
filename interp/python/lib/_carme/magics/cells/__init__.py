"""Magics that run, time, capture, load, save or repeat cells."""
