"""`python -m polyroom.cli`: the command without its entry point."""

from polyroom.cli import main

main(prog_name="polyroom")
