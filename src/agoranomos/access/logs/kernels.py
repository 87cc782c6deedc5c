"""Lines of web logs, taken apart in one pass over their bytes. Compiled.

Everything stands in one file, since the compiler's cache looks at one file. A line becomes spans of its fields; the
spans become numbers: hashes of who asked, of what is shown, of the client, and the time. Hashes are SipHash-1-3
(Aumasson and Bernstein, 2012), keyed, so that nobody can choose addresses or agents that collide. No byte of a line is
trusted: whatever cannot be read is counted under a reason, and nothing of it is repeated.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from agoranomos.engine.compiled import nb

COMBINED, JSON, CLOUDFRONT = 0, 1, 2
ADDRESS, USER, TIME, METHOD, TARGET, STATUS, AGENT, QUERY, DATE, REQUEST = range(10)
FIELDS: Final = 10
NOT_A_LINE, NO_TIME, NOT_IN_TIME, NO_REQUEST, NO_STATUS, NOBODY, TOO_LONG = range(1, 8)
REASONS: Final = (
    "", "the line is not of this format", "there is no time that can be read", "the time lies outside the given span",
    "there is no request that can be read", "there is no status", "neither a user nor an address can be read",
    "the line is longer than 64 KiB",
)  # fmt: skip
LINE_MAX: Final = 1 << 16
_U = np.uint64
_LITERAL, _ANY, _ID = 0, 1, 2
_MONTHS: Final = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8)
_ASSETS: Final = np.frombuffer(b"|css|js|png|jpg|jpeg|gif|svg|ico|woff|woff2|ttf|eot|map|webp|mp4|mp3|", np.uint8)


@nb.njit(cache=True, nogil=True)
def _turn(x: Any, n: int) -> Any:
    return (x << _U(n)) | (x >> _U(64 - n))


@nb.njit(cache=True, nogil=True)
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
    v0 += v1
    v1 = _turn(v1, 13) ^ v0
    v0 = _turn(v0, 32)
    v2 += v3
    v3 = _turn(v3, 16) ^ v2
    v0 += v3
    v3 = _turn(v3, 21) ^ v0
    v2 += v1
    v1 = _turn(v1, 17) ^ v2
    v2 = _turn(v2, 32)
    return v0, v1, v2, v3


@nb.njit(cache=True, nogil=True)
def hashed(buf: Any, a: int, b: int, k0: Any, k1: Any) -> Any:
    """SipHash-1-3 of buf[a:b] under the key (k0, k1); never 0, which stands for nothing."""
    v0, v1 = k0 ^ _U(0x736F6D6570736575), k1 ^ _U(0x646F72616E646F6D)
    v2, v3 = k0 ^ _U(0x6C7967656E657261), k1 ^ _U(0x7465646279746573)
    i = a
    while i + 8 <= b:
        m = _U(0)
        for k in range(8):
            m |= _U(buf[i + k]) << _U(8 * k)
        v3 ^= m
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0 ^= m
        i += 8
    m = _U((b - a) & 255) << _U(56)
    for k in range(b - i):
        m |= _U(buf[i + k]) << _U(8 * k)
    v3 ^= m
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= m
    v2 ^= _U(255)
    for _ in range(3):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    found = v0 ^ v1 ^ v2 ^ v3
    return found if found != _U(0) else _U(1)


@nb.njit(cache=True, nogil=True)
def _number(buf: Any, a: int, b: int) -> Any:
    """The digits buf[a:b] as a number, -1 for anything else."""
    if b <= a or b - a > 18:
        return -1
    total: Any = 0
    for i in range(a, b):
        digit = np.int64(buf[i]) - 48
        if digit < 0 or digit > 9:
            return -1
        total = total * 10 + digit
    return total


@nb.njit(cache=True, nogil=True)
def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> Any:
    """Seconds since 1970 of a civil time (Hinnant, days_from_civil), -1 where there is none."""
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return -1
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        return -1
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second


@nb.njit(cache=True, nogil=True)
def _offset(buf: Any, a: int, b: int) -> Any:
    """Seconds of `Z`, `+0800` or `+08:00`; more than a day where there is none."""
    if b - a == 1 and (buf[a] == 90 or buf[a] == 122):
        return 0
    if b - a < 5 or (buf[a] != 43 and buf[a] != 45):
        return 1 << 30
    hours, minutes = _number(buf, a + 1, a + 3), _number(buf, b - 2, b)
    if hours < 0 or hours > 14 or minutes < 0 or minutes > 59 or b - a > 6:
        return 1 << 30
    return (hours * 60 + minutes) * (60 if buf[a] == 43 else -60)


@nb.njit(cache=True, nogil=True)
def _fraction(buf: Any, a: int, b: int) -> Any:
    """Microseconds of `.123…` at `a`, and where it ends."""
    if a >= b or buf[a] != 46:
        return 0, a
    micros: Any = 0
    scale, i = 100_000, a + 1
    while i < b and 48 <= buf[i] <= 57:
        micros += (np.int64(buf[i]) - 48) * scale
        scale //= 10
        i += 1
    return micros, i


@nb.njit(cache=True, nogil=True)
def _time(buf: Any, a: int, b: int) -> Any:
    """Microseconds since 1970 of `17/May/2015:10:05:03 +0000`, RFC 3339 or seconds; -1 where there is none."""
    if b - a >= 26 and buf[a + 2] == 47:
        month = 0
        for m in range(12):
            if _MONTHS[3 * m] == buf[a + 3] and _MONTHS[3 * m + 1] == buf[a + 4] and _MONTHS[3 * m + 2] == buf[a + 5]:
                month = m + 1
        seconds = _moment(
            _number(buf, a + 7, a + 11), month, _number(buf, a, a + 2), _number(buf, a + 12, a + 14),
            _number(buf, a + 15, a + 17), _number(buf, a + 18, a + 20),
        )  # fmt: skip
        offset = _offset(buf, a + 21, b)
        return -1 if seconds < 0 or offset > 86400 else (seconds - offset) * 1_000_000
    if b - a >= 20 and buf[a + 4] == 45:
        seconds = _moment(
            _number(buf, a, a + 4), _number(buf, a + 5, a + 7), _number(buf, a + 8, a + 10),
            _number(buf, a + 11, a + 13), _number(buf, a + 14, a + 16), _number(buf, a + 17, a + 19),
        )  # fmt: skip
        micros, end = _fraction(buf, a + 19, b)
        offset = _offset(buf, end, b)
        return -1 if seconds < 0 or offset > 86400 else (seconds - offset) * 1_000_000 + micros
    whole = a
    while whole < b and buf[whole] != 46:
        whole += 1
    seconds = _number(buf, a, whole)
    micros, end = _fraction(buf, whole, b)
    return -1 if seconds < 0 or seconds > 253402300799 or end != b else seconds * 1_000_000 + micros


@nb.njit(cache=True, nogil=True)
def _quad(buf: Any, a: int, b: int, out: Any, at: int) -> Any:
    """Writes the four bytes of a dotted address into `out`; whether there was one."""
    value: Any = 0
    part, digits = 0, 0
    for i in range(a, b + 1):
        if i < b and 48 <= buf[i] <= 57:
            value, digits = value * 10 + np.int64(buf[i]) - 48, digits + 1
            if value > 255 or digits > 3:
                return False
        else:
            if digits == 0 or part > 3 or (i < b and buf[i] != 46):
                return False
            out[at + part] = value
            part, value, digits = part + 1, 0, 0
    return part == 4


@nb.njit(cache=True, nogil=True)
def _groups(buf: Any, a: int, b: int, out: Any) -> Any:
    """Writes the sixteen bytes of an IPv6 address into `out`; whether there was one."""
    place, gap, i = 0, -1, a
    if b - a >= 2 and buf[a] == 58:
        if buf[a + 1] != 58:
            return False
        gap, i = 0, a + 2
    while i < b:
        value: Any = 0
        start = i
        while i < b and i - start < 5:
            c = np.int64(buf[i])
            low = c | 32
            digit: Any = c - 48 if 48 <= c <= 57 else low - 87 if 97 <= low <= 102 else -1
            if digit < 0:
                break
            value = value * 16 + digit
            i += 1
        if i < b and buf[i] == 46:
            if place > 12 or not _quad(buf, start, b, out, place):
                return False
            place, i = place + 4, b
            break
        if i == start or i - start > 4 or place > 14:
            return False
        out[place], out[place + 1] = value >> 8, value & 255
        place += 2
        if i == b:
            break
        if buf[i] != 58 or i + 1 == b:
            return False
        i += 1
        if buf[i] == 58:
            if gap >= 0:
                return False
            gap, i = place, i + 1
    if gap < 0:
        return place == 16
    if place > 14:
        return False
    moved = place - gap
    for k in range(moved):
        out[15 - k] = out[place - 1 - k]
    for k in range(gap, 16 - moved):
        out[k] = 0
    return True


@nb.njit(cache=True, nogil=True)
def _network(buf: Any, a: int, b: int, out: Any) -> Any:
    """What of an address tells one household: four bytes, or eight of IPv6; returns how many, 0: no address."""
    for i in range(a, b):
        if buf[i] == 58:
            end = a
            while end < b and buf[end] != 37:  # a zone
                end += 1
            if end - a > 45 or not _groups(buf, a, end, out):
                return 0
            mapped = out[10] == 255 and out[11] == 255
            for k in range(10):
                mapped = mapped and out[k] == 0
            if not mapped:
                return 8
            for k in range(4):
                out[k] = out[12 + k]
            return 4
    return 4 if _quad(buf, a, b, out, 0) else 0


@nb.njit(cache=True, nogil=True)
def _quoted(buf: Any, i: int, b: int) -> Any:
    """Where the quote that opened before `i` is closed, -1 when it is not."""
    while i < b:
        if buf[i] == 92:
            i += 2
            continue
        if buf[i] == 34:
            return i
        i += 1
    return -1


@nb.njit(cache=True, nogil=True)
def _until(buf: Any, i: int, b: int, byte: int) -> Any:
    while i < b and buf[i] != byte:
        i += 1
    return i


@nb.njit(cache=True, nogil=True)
def _request(buf: Any, a: int, b: int, spans: Any) -> None:
    """`GET /path HTTP/1.1` as method and target."""
    space = _until(buf, a, b, 32)
    last = b
    while last > space and buf[last - 1] != 32:
        last -= 1
    end = last - 1 if last - 1 > space else b
    spans[METHOD, 0], spans[METHOD, 1] = a, space
    spans[TARGET, 0], spans[TARGET, 1] = min(space + 1, b), end


@nb.njit(cache=True, nogil=True)
def _combined(buf: Any, a: int, b: int, spans: Any) -> Any:
    i = _until(buf, a, b, 32)
    spans[ADDRESS, 0], spans[ADDRESS, 1] = a, i
    user = _until(buf, i + 1, b, 32) + 1
    i = user
    while i + 1 < b and not (buf[i] == 32 and buf[i + 1] == 91):
        i += 1
    spans[USER, 0], spans[USER, 1] = user, i
    end = _until(buf, i + 2, b, 93)
    if end + 3 >= b or buf[end + 2] != 34:
        return False
    spans[TIME, 0], spans[TIME, 1] = i + 2, end
    close = _quoted(buf, end + 3, b)
    if close < 0:
        return False
    _request(buf, end + 3, close, spans)
    stop = _until(buf, close + 2, b, 32)
    spans[STATUS, 0], spans[STATUS, 1] = min(close + 2, b), stop
    i = _until(buf, stop + 1, b, 34)
    if i < b:  # without it: the common format, which has no agent
        close = _quoted(buf, i + 1, b)
        i = _until(buf, close + 1, b, 34) if close >= 0 else b
        if i < b:
            close = _quoted(buf, i + 1, b)
            spans[AGENT, 0], spans[AGENT, 1] = i + 1, b if close < 0 else close
    return True


@nb.njit(cache=True, nogil=True)
def _json(buf: Any, a: int, b: int, spans: Any, names: Any, slots: Any) -> Any:
    """The fields of a flat object; what is nested is passed over."""
    i = a + 1
    while i < b:
        while i < b and (buf[i] == 32 or buf[i] == 44):
            i += 1
        if i < b and buf[i] == 125:
            return True
        if i >= b or buf[i] != 34:
            return False
        close = _quoted(buf, i + 1, b)
        if close < 0:
            return False
        key = hashed(buf, i + 1, close, _U(0), _U(0))
        i = close + 1
        while i < b and (buf[i] == 32 or buf[i] == 58):
            i += 1
        if i >= b:
            return False
        start, depth, end = i, 0, i
        if buf[i] == 34:
            end = _quoted(buf, i + 1, b)
            if end < 0:
                return False
            start, i = i + 1, end + 1
        else:
            while i < b and (depth > 0 or (buf[i] != 44 and buf[i] != 125)):
                if buf[i] == 123 or buf[i] == 91:
                    depth += 1
                elif buf[i] == 125 or buf[i] == 93:
                    depth -= 1
                elif buf[i] == 34:
                    i = _quoted(buf, i + 1, b)
                    if i < 0:
                        return False
                i += 1
            end = i
            while end > start and buf[end - 1] == 32:
                end -= 1
        for k in range(len(names)):
            if names[k] == key and spans[slots[k], 0] < 0 and end > start:
                spans[slots[k], 0], spans[slots[k], 1] = start, end
    return False


@nb.njit(cache=True, nogil=True)
def _tabs(buf: Any, a: int, b: int, spans: Any, columns: Any) -> Any:
    i, column = a, 0
    while i <= b and column < len(columns):
        end = _until(buf, i, b, 9)
        if columns[column] >= 0:
            spans[columns[column], 0], spans[columns[column], 1] = i, end
        i, column = end + 1, column + 1
    return spans[TARGET, 0] >= 0 and spans[DATE, 0] >= 0


@nb.njit(cache=True, nogil=True)
def _said(buf: Any, spans: Any, field: int) -> Any:
    """Whether the field is there and not `-`."""
    a, b = spans[field, 0], spans[field, 1]
    return a >= 0 and b > a and not (b - a == 1 and buf[a] == 45)


@nb.njit(cache=True, nogil=True)
def _decoded(buf: Any, a: int, b: int, out: Any) -> Any:
    """Copies buf[a:b] with %41 as A, into `out`; returns how many bytes, -1 for too many."""
    n, i = 0, a
    while i < b:
        if n >= len(out):
            return -1
        c: Any = np.int64(buf[i])
        if c == 37 and i + 2 < b:
            high, low = np.int64(buf[i + 1]) | 32, np.int64(buf[i + 2]) | 32
            one: Any = high - 48 if 48 <= high <= 57 else high - 87 if 97 <= high <= 102 else -1
            other = low - 48 if 48 <= low <= 57 else low - 87 if 97 <= low <= 102 else -1
            if one >= 0 and other >= 0:
                c, i = one * 16 + other, i + 2
        out[n] = c
        n, i = n + 1, i + 1
    return n


@nb.njit(cache=True, nogil=True)
def _same(buf: Any, a: int, b: int, lits: Any, c: int, d: int) -> Any:
    if b - a != d - c:
        return False
    for k in range(b - a):
        if buf[a + k] != lits[c + k]:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def _is_asset(buf: Any, a: int, b: int) -> Any:
    """Whether a path ends like a picture, style or script: what comes with a page by itself."""
    dot = b
    while dot > a and buf[dot - 1] != 46 and buf[dot - 1] != 47 and b - dot < 6:
        dot -= 1
    if dot <= a or buf[dot - 1] != 46 or dot == b:
        return False
    for at in range(len(_ASSETS) - 1 - (b - dot)):
        if (
            _ASSETS[at] == 124
            and _ASSETS[at + 1 + b - dot] == 124
            and _same(buf, dot, b, _ASSETS, at + 1, at + 1 + b - dot)
        ):
            return True
    return False


@nb.njit(cache=True, nogil=True)
def _parameter(buf: Any, a: int, b: int, lits: Any, c: int, d: int, found: Any) -> Any:
    """Where the value of the parameter lits[c:d] stands in the query buf[a:b]."""
    while a < b:
        end = _until(buf, a, b, 38)
        sign = _until(buf, a, end, 61)
        if sign < end and _same(buf, a, sign, lits, c, d):
            found[0], found[1] = sign + 1, end
            return found[1] > found[0]
        a = end + 1
    return False


@nb.njit(cache=True, nogil=True)
def _fits(buf: Any, path: int, question: int, template: Any, parts: Any, lits: Any, found: Any) -> Any:
    """Whether a path is of a template; `found` becomes the span of its id."""
    i = path
    for p in range(template[0], template[1]):
        if i >= question or buf[i] != 47:
            return False
        end = _until(buf, i + 1, question, 47)
        if parts[p, 0] == _LITERAL and not _same(buf, i + 1, end, lits, parts[p, 1], parts[p, 2]):
            return False
        if parts[p, 0] == _ID:
            found[0], found[1] = i + 1, end
            if end == i + 1:
                return False
        i = end
    return i == question or (i + 1 == question and buf[i] == 47)


@nb.njit(cache=True, nogil=True)
def _subject(
    buf: Any, spans: Any, templates: Any, parts: Any, lits: Any, tags: Any, scratch: Any, k0: Any, k1: Any
) -> Any:
    """The hash of whom the target shows, 0 for nobody. Without templates every page is one."""
    a, b = spans[TARGET, 0], spans[TARGET, 1]
    question = a
    while question < b and buf[question] != 63 and buf[question] != 35:
        question += 1
    if len(templates) == 0:
        n = -1 if _is_asset(buf, a, question) else _decoded(buf, a, question, scratch)
        return hashed(scratch, 0, n, k0, k1) if n > 0 else _U(0)
    query, end = question + 1, b
    if spans[QUERY, 0] >= 0:
        query, end = spans[QUERY, 0], spans[QUERY, 1]
    found = np.zeros(2, np.int64)
    for t in range(len(templates)):
        if not _fits(buf, a, question, templates[t], parts, lits, found):
            continue
        if templates[t, 3] > 0 and not _parameter(
            buf, query, end, lits, templates[t, 2], templates[t, 2] + templates[t, 3], found
        ):
            continue
        n = _decoded(buf, found[0], found[1], scratch)
        if n > 0:
            return hashed(scratch, 0, n, k0 ^ tags[t], k1)
    return _U(0)


@nb.njit(cache=True, nogil=True)
def taken_apart(
    buf: Any, begin: int, end: int, form: int, columns: Any, names: Any, slots: Any, templates: Any, parts: Any,
    lits: Any, tags: Any, k0: Any, k1: Any, earliest: int, latest: int, numbers: Any, times: Any, named: Any,
    states: Any, refused: Any,
) -> Any:  # fmt: skip
    """The lines of buf[begin:end], which ends behind a line. Returns how many lines and how many pairs.

    For each pair: `numbers` (uint64: principal, subject or 0, agent, network), `times` (int64, microseconds), `named`
    (int64: where in `buf` its principal is named, and whether that is a user) and `states` (int64: status, writes).
    `refused` (int64, by line) holds the reason why a line is not one, else 0.
    """
    spans, place = np.empty((FIELDS, 2), np.int64), np.zeros(16, np.uint8)
    scratch = np.empty(1024, np.uint8)
    line, n, a = 0, 0, begin
    while a < end:
        b = _until(buf, a, end, 10)
        after = b + 1
        if b > a and buf[b - 1] == 13:
            b -= 1
        if b == a or buf[a] == 35:
            a, line = after, line + 1
            continue
        spans[:] = -1
        refused[line] = 0
        if b - a > LINE_MAX:
            refused[line] = TOO_LONG
        elif form == COMBINED:
            refused[line] = 0 if _combined(buf, a, b, spans) else NOT_A_LINE
        elif form == JSON:
            refused[line] = 0 if buf[a] == 123 and _json(buf, a, b, spans, names, slots) else NOT_A_LINE
        else:
            refused[line] = 0 if _tabs(buf, a, b, spans, columns) else NOT_A_LINE
        line += 1
        line_at, a = line - 1, after
        if refused[line_at] != 0:
            continue
        if spans[TARGET, 0] < 0 and spans[REQUEST, 0] >= 0:
            _request(buf, spans[REQUEST, 0], spans[REQUEST, 1], spans)
        if form == CLOUDFRONT:
            for k in range(10):
                scratch[k] = buf[min(spans[DATE, 0] + k, b - 1)]
            scratch[10] = 84
            for k in range(8):
                scratch[11 + k] = buf[min(spans[TIME, 0] + k, b - 1)] if spans[TIME, 0] >= 0 else 0
            scratch[19] = 90
            at = _time(scratch, 0, 20)
        else:
            at = _time(buf, spans[TIME, 0], spans[TIME, 1]) if spans[TIME, 0] >= 0 else -1
        status = _number(buf, spans[STATUS, 0], spans[STATUS, 1])
        if at < 0:
            refused[line_at] = NO_TIME
        elif at < earliest or at > latest:
            refused[line_at] = NOT_IN_TIME
        elif spans[TARGET, 1] <= spans[TARGET, 0] or buf[spans[TARGET, 0]] != 47:
            refused[line_at] = NO_REQUEST
        elif status < 100 or status > 599:
            refused[line_at] = NO_STATUS
        if refused[line_at] != 0:
            continue
        width = _network(buf, spans[ADDRESS, 0], spans[ADDRESS, 1], place) if spans[ADDRESS, 0] >= 0 else 0
        agent = _U(0)
        if _said(buf, spans, AGENT):
            agent = hashed(buf, spans[AGENT, 0], spans[AGENT, 1], k0, ~k1)
        user = _said(buf, spans, USER)
        if user:
            principal = hashed(buf, spans[USER, 0], spans[USER, 1], ~k0, k1)
        elif width > 0:
            principal = hashed(place, 0, width, ~k0 ^ agent, ~k1)
        else:
            refused[line_at] = NOBODY
            continue
        first = buf[spans[METHOD, 0]] if spans[METHOD, 0] >= 0 else np.uint8(0)
        writes = first == 80 or first == 68  # POST, PUT, PATCH; DELETE
        subject = _U(0)
        if status < 400 and not writes:
            subject = _subject(buf, spans, templates, parts, lits, tags, scratch, k0, k1)
        if subject == _U(0) and not writes:
            continue
        name = USER if user else ADDRESS
        numbers[n, 0], numbers[n, 1], numbers[n, 2] = principal, subject, agent
        numbers[n, 3] = hashed(place, 0, 3 if width == 4 else 6, k0, k1) if width > 0 else _U(0)
        times[n] = at
        named[n, 0], named[n, 1], named[n, 2] = spans[name, 0], spans[name, 1], np.int64(user)
        states[n, 0], states[n, 1] = status, np.int64(writes)
        n += 1
    return line, n
