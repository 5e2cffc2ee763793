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

"""Commands. Each one parses, builds its parts once, and runs."""

# NOTE: must come before the first import of oslo.messaging, which otherwise
# selects eventlet for the whole process.
import warnings

# NOTE: futurist imports eventlet if it is installed, as oslo.service has it
# be; nothing of ours uses it, so its advice to migrate is noise.
warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')

from oslo_service import backend  # noqa: E402

try:
    backend.init_backend(backend.BackendType.THREADING)
except ValueError:
    raise SystemExit(
        'The commands need more than the package alone: install '
        'cinder-messages[writer].') from None
