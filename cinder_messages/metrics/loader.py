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

"""Loads the modules that need prometheus_client, which may not be there."""

import importlib
import types
from typing import Any

from oslo_config import cfg

from cinder_messages import exception


def load(name: str, option: str) -> types.ModuleType:
    """A module of this package.

    :param option: of ``[metrics]``, that asks for it
    :raises InvalidConfiguration: what it needs is not installed
    """
    try:
        return importlib.import_module(f'cinder_messages.metrics.{name}')
    except ImportError as exc:
        raise exception.InvalidConfiguration(
            reason=f'[metrics] {option} needs what is not installed ({exc}). '
                   "Run: pip install 'cinder-messages[metrics]', or unset it."
            ) from exc


def make_layer(conf: cfg.ConfigOpts, alone: bool = False) -> Any:
    """What measures the API's requests; None without ``api_port``.

    :param alone: whether the process shares its numbers with no other
    :raises InvalidConfiguration: it cannot work
    """
    return (load('api', 'api_port').make_layer(conf, alone)
            if conf.metrics.api_port else None)


def make_measuring(conf: cfg.ConfigOpts, alone: bool = False) -> Any:
    """What measures a writer, likewise; None without ``writer_port``."""
    return (load('writer', 'writer_port').Measuring(conf, alone)
            if conf.metrics.writer_port else None)
