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

"""Texts of a deployer: ``[messages] text_overrides_file``."""

from collections.abc import Callable

import yaml

from cinder_messages import exception
from cinder_messages.message import definition

# Bytes of the file. The text of every event fits.
_MAX_SIZE = 10 * 1024 * 1024

_STRING = 'tag:yaml.org,2002:str'


def read(path: str, is_permitted: Callable[[object], bool]) -> dict[str, str]:
    """Return the texts of a file by event id.

    :param path: YAML that maps event ids, composed ones as a whole, to the
        text that is shown instead of ours, in every language
    :param is_permitted: returns whether an event id is in the catalog
    :raises InvalidConfiguration: the file cannot be used; one line says why
    """
    texts: dict[str, str] = {}
    for key, value in _read_mapping(path):
        event_id = key.value
        if not is_permitted(event_id):
            raise _unusable(
                path, f'{_shorten(event_id)!r} is not a permitted event')
        if event_id in texts:
            raise _unusable(path, f'{event_id!r} has two texts')
        text = value.value.strip() if value.tag == _STRING else ''
        if not definition.is_text(text):
            raise _unusable(
                path, f'{event_id!r} must have a string of 1 to '
                      f'{definition.MAX_TEXT} characters on one line, '
                      'without control characters')
        texts[event_id] = text
    return texts


def _shorten(value: object) -> object:
    return value[:64] if isinstance(value, str) else type(value).__name__


def _read_mapping(path: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        with open(path, 'rb') as stream:
            content = stream.read(_MAX_SIZE + 1)
        if len(content) > _MAX_SIZE:
            raise _unusable(path, f'it is larger than {_MAX_SIZE} bytes')
        # NOTE: composed and not loaded: an unquoted 000002 stays text, and
        # duplicate keys are seen.
        document = yaml.compose(content.decode(), yaml.SafeLoader)
    except OSError as exc:
        raise _unusable(path, str(exc.strerror)) from exc
    except RecursionError as exc:
        raise _unusable(path, 'it is nested too deeply') from exc
    except (ValueError, yaml.YAMLError) as exc:
        raise _unusable(path, ' '.join(str(exc).split())) from exc
    if not isinstance(document, yaml.MappingNode):
        raise _unusable(path, 'it is not a mapping of event ids to texts')
    return document.value


def _unusable(path: str, reason: str) -> exception.InvalidConfiguration:
    return exception.InvalidConfiguration(
        reason=f'[messages] text_overrides_file {path}: {reason}')
