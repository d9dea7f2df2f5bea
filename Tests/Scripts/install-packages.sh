#!/bin/sh
# usage: install-packages.sh NAME...   installs the Debian packages that are not there yet.
set -eu
missing=
for name in "$@"; do
  dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' ||
    missing="$missing $name"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "Fovea needs these Debian packages:$missing" >&2
  echo "This system has no apt-get. Install their equivalents, then run the command again." >&2
  exit 69
fi
sudo=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || {
    echo "Installing$missing needs root, and sudo is not here. Run 'make deps' as root once." >&2
    exit 77
  }
  sudo=sudo
fi
echo "installing$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086  # one word a package
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing
