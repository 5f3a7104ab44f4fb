"""Elevators added to buildings that stand."""
