"""Whether a model really loads: tried in a child process, because a wrong file ends the process that loads it.

``python -m shengce.speech.models.loading DIR`` is that child: it loads the model, recognises one second of silence
and prints one JSON object, ``{"text": …}`` or ``{"problem": …}``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOAD_TIMEOUT_S = 300.0
MEMORY_BYTES = 6_000_000_000
SILENCE_SAMPLES = 16_000


def load_problem(directory: Path, *, timeout_s: float = LOAD_TIMEOUT_S) -> str | None:
    """Why the model in ``directory`` does not load and recognise, in one English line; None when it does."""
    command = [sys.executable, "-m", __name__, str(directory)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return f"it was not ready after {timeout_s:g} seconds"
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if done.returncode == 0 and lines else {}
    except ValueError:
        answer = {}
    if "text" in answer:
        return None
    if "problem" in answer:
        return str(answer["problem"])
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
    return f"the recognition library ended with status {done.returncode} ({last[0][:300]})"


def main(argv: Sequence[str]) -> int:
    """The child: see the head of this module."""
    import numpy as np

    from shengce.speech.child import limit_memory
    from shengce.speech.engines import load_engine
    from shengce.speech.errors import AudioError

    limit_memory(MEMORY_BYTES)
    try:
        _, engine = load_engine(Path(argv[0]))
        tokens = engine.recognise(np.zeros(SILENCE_SAMPLES, dtype=np.float32))
    except (AudioError, RuntimeError, ValueError, OSError, MemoryError) as error:
        print(json.dumps({"problem": str(error) or type(error).__name__}))
        return 0
    print(json.dumps({"text": "".join(token.text for token in tokens)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
