"""`python -m newswatch`."""

from newswatch.cli.main import main

if __name__ == "__main__":
    main()
