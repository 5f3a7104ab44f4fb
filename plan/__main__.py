"""``python -m plan``."""

from plan.cli import run

if __name__ == "__main__":
    run()
