#!/bin/sh
# Pictures of every mail and card, at the width of a phone and of a desk, light and dark: look.sh FOLDER
# Needs chromium, and for the cards `npm install` in this folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
(cd "$here/../../.." && LEADTIME_LOOK="$out" cargo test --quiet --test it what_there_is_to_look_at -- --ignored >/dev/null)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
for page in ${*:-$(cd "$out" && ls ./*.html | sed 's|./||; s|.html$||')}; do
  height=1100
  [ "$page" = cards ] && height=9000
  for width in 375 800; do
    for scheme in 0 1; do
      # A window is never narrower than 500 px, so the phone's page stands in a frame of its width.
      printf '<body style="margin:0"><iframe src="%s.html" style="border:0;width:%spx;height:%spx"></iframe>' \
        "$page" "$width" "$height" >"$out/frame.htm"
      chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
        --blink-settings=preferredColorScheme=$scheme --window-size=$width,$height \
        --screenshot="$out/$page-$width-$([ $scheme = 0 ] && echo dark || echo light).png" "file://$out/frame.htm" 2>/dev/null >&2
    done
  done
done
