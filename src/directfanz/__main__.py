from __future__ import annotations

from directfanz.cli import main

if __name__ == "__main__":
    main()
