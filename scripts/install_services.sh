#!/bin/sh
# Install what `make test-services` needs and this machine lacks: a JDK 17 or later and Maven, for Apache Kafka;
# PostgreSQL; Prometheus with promtool, and Alertmanager with amtool; kcat; Node.js with npm; Chromium; ip, for
# network namespaces; and systemd-analyze.
# By apt-get where there is one and we may use it; otherwise says what to install and goes on, since the tests
# say for themselves what they miss (and fail for it under CI=true).
set -eu

say() { echo "services: $*" >&2; }

java_major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
packages=
[ "${java_major:-0}" -ge 17 ] || packages=" openjdk-17-jdk-headless"
command -v mvn >/dev/null 2>&1 || packages="$packages maven"
command -v prometheus-alertmanager >/dev/null 2>&1 || packages="$packages prometheus-alertmanager"
# Debian keeps the server's programs off the PATH.
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 ||
    packages="$packages postgresql"
command -v pg_dump >/dev/null 2>&1 || packages="$packages postgresql-client"
command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1 || packages="$packages prometheus"
command -v kcat >/dev/null 2>&1 || packages="$packages kcat"
command -v node >/dev/null 2>&1 || packages="$packages nodejs"
command -v npm >/dev/null 2>&1 || packages="$packages npm"
command -v chromium >/dev/null 2>&1 || packages="$packages chromium"
command -v systemd-analyze >/dev/null 2>&1 || packages="$packages systemd"
command -v ip >/dev/null 2>&1 || packages="$packages iproute2"

# What tests take from npm lies in the user's cache: axe, which audits the page for those who cannot see it well.
libraries() {
    axe=${XDG_CACHE_HOME:-$HOME/.cache}/newswatch/npm/axe-core@4.11.0
    [ ! -f "$axe/node_modules/axe-core/axe.min.js" ] && command -v npm >/dev/null 2>&1 || return 0
    say "fetching axe-core into $axe"
    mkdir -p "$axe"
    (cd "$axe" && npm install --no-audit --no-fund --ignore-scripts --silent --prefix . axe-core@4.11.0) ||
        say "npm could not fetch axe-core; the audit of the page will say so"
}

if [ -z "$packages" ]; then
    libraries
    say "Java $java_major, Maven, PostgreSQL, Prometheus, Alertmanager, kcat, npm, Chromium, ip and systemd-analyze are here"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    say "please install:$packages (as Debian names them); there is no apt-get here to do it"
    libraries
    exit 0
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        say "please install:$packages (neither root nor sudo without a password here)"
        libraries
        exit 0
    fi
    as_root="sudo -n"
fi
say "installing:$packages"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update --quiet=2 || say "apt-get could not renew its lists; trying with those it has"
# The JDK that this Debian has: 17 in bookworm, 21 in trixie.
apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1 ||
    packages=$(echo "$packages" | sed 's/openjdk-17-jdk-headless/default-jdk-headless/')
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install --yes --quiet=2 --no-install-recommends $packages ||
    say "apt-get could not install$packages; the tests that need them will say so"
libraries
