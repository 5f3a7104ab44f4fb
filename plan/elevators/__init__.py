"""Elevators for walk-up estates: where they fit, who must agree, what they cost whom, and which come first."""
