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

"""Make text from a server safe to print on a terminal."""

import typing
import unicodedata

# Control characters (Cc), invisible formatting such as a change of the
# writing direction (Cf), lone surrogates, and separators of lines.
_UNSAFE = frozenset(('Cc', 'Cf', 'Cs', 'Zl', 'Zp'))


def escape(value: typing.Any) -> typing.Any:
    """Replace unsafe characters by their Python escapes, such as ``\\x1b``.

    :param value: a string, or lists and dictionaries with strings in them;
        other values are returned unchanged
    """
    if isinstance(value, str):
        return ''.join(map(_escape_character, value))
    if isinstance(value, list):
        return [escape(each) for each in value]
    if isinstance(value, dict):
        return {escape(name): escape(each) for name, each in value.items()}
    return value


def _escape_character(character: str) -> str:
    if unicodedata.category(character) in _UNSAFE:
        return character.encode('unicode_escape').decode('ascii')
    return character
