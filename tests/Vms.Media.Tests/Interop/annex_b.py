"""Cuts H.264 as it stands in a file."""
import re

SLICES = range(1, 6)  # nal_unit_type 1..5 carry picture data
PREFIX = (6, 7, 8, 9)  # SEI, SPS, PPS, delimiter: may begin an access unit


def access_units(data):
    """Cuts an Annex B stream into (bytes, is_keyframe)."""
    starts = [match.start() for match in re.finditer(b"\x00\x00\x01", data)]
    units, begin, has_picture, is_key = [], 0, False, False
    for start in starts:
        kind = data[start + 3] & 31
        first_slice = kind in SLICES and data[start + 4] & 0x80
        if has_picture and (first_slice or kind in PREFIX):
            end = start - 1 if data[start - 1] == 0 else start
            units.append((data[begin:end], is_key))
            begin, has_picture, is_key = end, False, False
        if kind in SLICES:
            has_picture = True
            is_key = is_key or kind == 5
    units.append((data[begin:], is_key))
    return units
