"""What happens to a voice on its way to a recorder: telephone band, companding, noise, level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from .espeak import HZ

Samples = NDArray[np.float32]

TELEPHONE_HZ = 8_000
_MU = 255.0
_TELEPHONE_BAND = butter(4, [300, 3400], btype="band", fs=TELEPHONE_HZ, output="sos")
_NOISE_SLOPES = {"white": 0.0, "pink": 0.5, "rumble": 1.0}
NOISES = tuple(_NOISE_SLOPES)


def mu_law(samples: Samples) -> Samples:
    """Through 8-bit mu-law companding and back, as in G.711."""
    packed = np.sign(samples) * np.log1p(_MU * np.abs(samples)) / np.log1p(_MU)
    packed = np.round(packed * 127) / 127
    return (np.sign(packed) * np.expm1(np.abs(packed) * np.log1p(_MU)) / _MU).astype(np.float32)


def telephone(samples: Samples) -> Samples:
    """16 kHz in, 8 kHz out: 300-3400 Hz and companded, at its own level."""
    narrow = sosfilt(_TELEPHONE_BAND, resample_poly(samples, 1, 2))
    peak = float(np.abs(narrow).max()) + 1e-6
    return mu_law(np.clip(narrow / peak * 0.7, -1, 1).astype(np.float32)) * np.float32(peak / 0.7)


def widen(samples: Samples) -> Samples:
    """8 kHz in, 16 kHz out."""
    return resample_poly(samples, 2, 1).astype(np.float32)


def low_pass(samples: Samples, cut_hz: float) -> Samples:
    """What a codec of a low bit rate leaves of a 16 kHz sound."""
    return sosfilt(butter(6, cut_hz, fs=HZ, output="sos"), samples).astype(np.float32)


def noise(count: int, kind: str, random: np.random.Generator) -> Samples:
    """Noise of unit deviation: ``white``, ``pink`` or ``rumble``."""
    spectrum = np.fft.rfft(random.standard_normal(count).astype(np.float32))
    spectrum /= (np.arange(len(spectrum)) + 1.0) ** _NOISE_SLOPES[kind]
    coloured = np.fft.irfft(spectrum, count).astype(np.float32)
    return coloured / (coloured.std() + 1e-9)


def with_noise(samples: Samples, background: Samples, snr_db: float) -> Samples:
    """The background added so that the whole has this ratio of signal to noise."""
    power = float(np.mean(samples**2)) + 1e-9
    background = background[: len(samples)] / (background.std() + 1e-9)
    return (samples + background * np.sqrt(power / 10 ** (snr_db / 10))).astype(np.float32)


def at_level(samples: Samples, peak: float) -> Samples:
    return (samples / (np.abs(samples).max() + 1e-6) * peak).astype(np.float32)
