#!/bin/sh
# usage: check-install.sh PROGRAMS   installs the programs of a folder into a temporary root, and runs
# what is there as a machine without the Swift toolchain would: no variable, no way to any swift.
set -eu
root=$(mktemp -d /tmp/fovea-install.XXXXXX)
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null; rm -rf "$root"' EXIT
make --no-print-directory install PROGRAMS="$1" DESTDIR="$root" PREFIX=/usr >/dev/null
alone() { env -i PATH=/nowhere "$@"; }
for program in bin/fovea bin/fovead bin/fovea-vendor libexec/fovea/fovea-decode; do
  file="$root/usr/$program"
  # A library of the toolchain would be found here, and not on a machine without it.
  if ldd "$file" | grep -Ei 'swift|Foundation|libdispatch|not found'; then
    echo "$program needs libraries of the Swift toolchain" >&2
    exit 1
  fi
  case $program in bin/*) alone "$file" --help >/dev/null ;; esac
done
cp -r "$root/etc/fovea" "$root/config"
alone "$root/usr/bin/fovead" check-config --config "$root/config/fovead.yaml" \
  --state "$root/state" >"$root/checked"
for found in eurosat-s2-10m "$root/usr/libexec/fovea/fovea-decode, with seccomp"; do
  grep -q "$found" "$root/checked" || {
    echo "the installed daemon does not find $found" >&2
    exit 1
  }
done
env -i PATH=/nowhere "$root/usr/bin/fovead" --config "$root/config/fovead.yaml" --state "$root/state" \
  >"$root/log" 2>&1 &
daemon=$!
client() { alone "$root/usr/bin/fovea" "$@" --socket "$root/state/fovead.sock"; }
for _ in $(seq 100); do
  ! client models >"$root/models" 2>/dev/null || break
  sleep 0.1
done
grep eurosat-s2-10m "$root/models" || {
  cat "$root/log" >&2
  exit 1
}
kill "$daemon"
wait "$daemon"
daemon=
echo "what is installed runs without the Swift toolchain"
