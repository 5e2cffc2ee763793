#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Escape text from other processes before it is logged.

Everything that came from a client, from a writer's answer or from a report
passes through :func:`escape` in the call that logs it::

    LOG.warning('Refused message %s: %s', escape(message_id), escape(reason))

Then it can neither begin a new line, nor end a quoted field, nor change how a
terminal shows the line, nor fill the disk. Exceptions logged with a traceback
are not covered.
"""

import re

# Characters of a value that are logged; a longer value ends in CUT.
LIMIT = 200
CUT = '...'

# NOTE: nearly every value is plain, and one match is all that it costs.
_PLAIN = re.compile(r'[ !#-&(-\[\]-~]*')


def escape(value: object, limit: int = LIMIT, spaces: bool = True) -> str:
    r"""Return a value as text that is safe and unambiguous in a log line.

    >>> escape('GET\n2026-01-01 forged')
    'GET\\n2026-01-01 forged'

    Every character that does not print is escaped as in a Python string:
    controls, line and paragraph separators, bidirectional controls, lone
    surrogates. So are quotes and the backslash.

    :param value: any object; bytes are taken as Latin-1
    :param limit: characters of the value that are kept
    :param spaces: False escapes the blank as well, for a field without quotes
    """
    if isinstance(value, (bytes, bytearray)):
        text = value[:limit + 1].decode('latin-1')
    else:
        text = value if isinstance(value, str) else str(value)
    kept = text[:limit]
    if not _PLAIN.fullmatch(kept):
        kept = ''.join(map(_escape_character, kept))
    if not spaces:
        kept = kept.replace(' ', r'\x20')
    return kept + CUT if len(text) > limit else kept


def _escape_character(character: str) -> str:
    if character in '"\'':
        return '\\' + character
    if character.isprintable() and character != '\\':
        return character
    # NOTE: backslashreplace leaves what UTF-8 can hold as it is.
    return character.encode('unicode_escape').decode()
