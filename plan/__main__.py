"""``python -m plan``."""

from plan.start import run

if __name__ == "__main__":
    run()
