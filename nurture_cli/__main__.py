"""`python -m nurture_cli` and the `nurture` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from nurture_cli.cli import run_app

    run_app()


if __name__ == "__main__":
    main()
