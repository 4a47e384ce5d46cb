"""A process that installs the tiny model: ``python installing.py MIRROR DIRECTORY ENTRY_JSON [FILE_LIMIT]``."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from shengce.speech.models.catalogue import CatalogueModel
from shengce.speech.models.download import Patience
from shengce.speech.models.errors import ModelError
from shengce.speech.models.install import install_model


def main() -> int:
    mirror, directory, entry = sys.argv[1:4]
    if len(sys.argv) > 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
    model = CatalogueModel(**json.loads(entry))
    patience = Patience(timeout_s=30, backoff_s=0.01, backoff_max_s=0.01)
    try:
        done = install_model(
            model.name, directory=Path(directory), mirror=mirror, patience=patience, models=[model]
        )
    except ModelError as error:
        print(error.code, error)
        return 1
    print("already" if done.already else "installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
