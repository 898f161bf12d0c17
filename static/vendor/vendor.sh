#!/usr/bin/env bash
# Brings the libraries in again, verbatim, from their npm packages, and writes the table in README.md.
# To change a version: change it here, run this, read the difference, run the tests.
# It needs npm, tar and sha256sum, and asks whatever registry npm is set up with.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# package, version, file in the package, name here, licence
libraries=(
    "preact 11.2.0 dist/preact.mjs preact.mjs MIT"
    "preact 11.2.0 hooks/dist/hooks.mjs preact-hooks.mjs MIT"
    "htm 3.1.1 dist/htm.mjs htm.mjs Apache-2.0"
    "@preact/signals-core 1.14.5 dist/signals-core.mjs signals-core.mjs MIT"
    "@preact/signals 2.11.4 dist/signals.mjs signals.mjs MIT"
)

{
    echo "# Libraries of the pages"
    echo
    echo "The files of npm packages as they were published, not a byte changed; \`vendor.sh\` brings them"
    echo "in again. The program gives them out itself: no page asks anybody else for anything. A test"
    echo "compares the files with this table."
    echo
    echo "| package | version | file in the package | here | sha256 | licence |"
    echo "|---|---|---|---|---|---|"
} >"$work/README.md"

cd "$work"
for line in "${libraries[@]}"; do
    read -r package version file name licence <<<"$line"
    flat="${package//[@]/}"
    flat="${flat//\//-}"
    if [ ! -d "$flat" ]; then
        npm pack --silent "$package@$version" >/dev/null
        mkdir "$flat"
        tar -xzf "$flat-$version.tgz" -C "$flat"
        cp "$flat/package/LICENSE" "$here/LICENSE-$flat.txt"
    fi
    cp "$flat/package/$file" "$here/$name"
    sum="$(sha256sum "$here/$name" | cut -d' ' -f1)"
    echo "| $package | $version | $file | $name | $sum | $licence |" >>README.md
done
cp README.md "$here/README.md"
