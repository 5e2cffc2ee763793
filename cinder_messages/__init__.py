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

"""Tells OpenStack users why an asynchronous storage request failed.

Two ways lead through the package, and the packages are named for them::

    message/api -> emit/ -> rpc/ -> writer/ -> storage/    (a service reports)
    api/ -> policies/ -> storage/ -> api/views             (a user asks)

Imports go down only; ``tests/unit/test_layers.py`` enforces it:

=========  =====================================================
layer      packages
=========  =====================================================
5 entry    ``cmd`` ``wsgi`` ``integration`` ``fixture`` ``message.api``
           ``metrics.emitter`` ``health``
4 service  ``api`` ``writer`` ``emit``
3 edge     ``rpc`` ``policy`` ``policies`` ``metrics`` ``guru``
2 storage  ``storage``
1 domain   ``message`` (but its ``api``) ``context``
0 ground   ``conf`` ``exception`` ``i18n`` ``log_escape`` ``version``
=========  =====================================================
"""
