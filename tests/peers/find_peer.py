# SPDX-License-Identifier: Apache-2.0
"""Where the tools are that tenon is compared with."""
import os
import shutil


def find_peer(name):
    """The path of a tool: in $TENON_PEERS/bin, else in PATH; None when it is in neither."""
    peers = os.environ.get("TENON_PEERS")
    inside = shutil.which(name, path=os.path.join(peers, "bin")) if peers else None
    return inside or shutil.which(name)
