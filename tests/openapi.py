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
"""The OpenAPI document, read at one microversion.

What an answer may hold is written down there once; the conversations, the
fuzzing and the pages of the reference are all held against it.
"""

import functools
import json
import re

import jsonschema
import yaml

from tests import process

PATH = process.ROOT / 'api-ref' / 'source' / 'openapi.yaml'
OPT_IN_PATH = PATH.with_name('openapi-user-messages.yaml')

_EXTENSION = 'x-openstack'


@functools.cache
def document():
    """The whole document, with every microversion."""
    return yaml.safe_load(PATH.read_text(encoding='utf-8'))


@functools.cache
def opt_in_document():
    """Return the document of the opt-in item."""
    return yaml.safe_load(OPT_IN_PATH.read_text(encoding='utf-8'))


def validate_opt_in(body):
    """Validate the body of a list or show with the opt-in item.

    :raises jsonschema.ValidationError: the body does not match
    """
    kind = 'ShownMessage' if 'message' in body else 'Messages'
    components = opt_in_document()['components']
    jsonschema.validate(
        body, {**components['schemas'][kind], 'components': components},
        cls=jsonschema.Draft202012Validator)


def fields():
    """The names of what a message may hold."""
    return set(document()['components']['schemas']['Message']['properties'])


def exists(part, version):
    """Whether a part of the document is there at a version, a tuple."""
    span = part.get(_EXTENSION, {})
    return (_number(span.get('min-ver', '3.0')) <= version <=
            _number(span.get('max-ver', '3.999')))


@functools.cache
def at(version):
    """The document of one microversion, a tuple: what came later left out."""
    whole = json.loads(json.dumps(document()))
    components = whole['components']
    for kind in ('parameters', 'schemas'):
        components[kind] = {
            name: part for name, part in components[kind].items()
            if exists(part, version)}
    whole['paths'] = {path: item for path, item in whole['paths'].items()
                      if exists(item, version)}
    return _without_missing(whole, whole)


def validate(body, method, path, status, version):
    """Hold the body of an answer against the document.

    :param version: the microversion, a tuple; that of the answer
    :raises AssertionError: the status, or a body with it, is not foreseen
    :raises jsonschema.ValidationError: the body is not what is
    """
    if status >= 400:
        answers = document()['components']['responses']
        answer = answers[str(status) if str(status) in answers else 'default']
    else:
        answer = _operation(method, path, version)['responses'][str(status)]
        answer = _found(document(), answer)
    assert ('content' in answer) == (body is not None), answer
    if body is not None:
        schema = answer['content']['application/json']['schema']
        jsonschema.validate(
            body, {**schema, 'components': at(version)['components']},
            cls=jsonschema.Draft202012Validator)


def _operation(method, path, version):
    path = path.removesuffix('.json')
    for template, item in at(version)['paths'].items():
        pattern = re.sub(r'\{\w+\}', '[^/]+', template)
        if re.fullmatch(pattern, path):
            return item[method.lower()]
    raise AssertionError(f'The document has no {path} at {version}.')


def _found(whole, part):
    reference = part.get('$ref')
    if reference:
        for key in reference.removeprefix('#/').split('/'):
            whole = whole.get(key)
            if whole is None:
                return None
        return whole
    return part


def _without_missing(whole, part):
    """A copy without references to what is not there."""
    if isinstance(part, dict):
        return {key: _without_missing(whole, value)
                for key, value in part.items()}
    if isinstance(part, list):
        return [_without_missing(whole, value) for value in part
                if not (isinstance(value, dict) and
                        _found(whole, value) is None)]
    return part


def _number(text):
    return tuple(map(int, text.split('.')))
