# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Debian suites other than the host's own, through apt with a private state
# directory in the cache. Mirrors and keys are the machine's own: what apt is
# configured with here (.list and .sources alike) is where any suite comes from.

# apt_entry PATTERN: "uri sources-file" of the first configured archive whose
# release name matches
apt_entry()
{
	# shellcheck disable=SC2016 # apt's variables, not the shell's
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(SOURCESENTRY)' \
		'Created-By: Packages' 2>/dev/null |
		awk -v pattern="$1" '$1 ~ pattern && $2 == "main" {
			sub(/:[0-9]+$/, "", $4); print $3, $4; exit }'
}

# apt_key SOURCES-FILE: the keyring this file names for Debian's archive
apt_key()
{
	lq_key=$(sed -n -e 's/^Signed-By: *\(\/.*\)$/\1/p' \
		-e 's/^deb .*signed-by=\(\/[^] ]*\).*/\1/p' "$1" 2>/dev/null | head -n 1)
	[ -n "$lq_key" ] || lq_key=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "$lq_key"
}

# apt_sources SUITE: the sources.list lines for it
apt_sources()
{
	lq_suite=$1
	lq_base=${lq_suite%-backports}
	# shellcheck disable=SC2046 # two words on purpose
	set -- $(apt_entry '^(bullseye|bookworm|trixie|forky|sid|stable|oldstable|testing)(-backports|-updates)?$')
	[ -n "${1-}" ] || die 2 "apt is configured with no mirror of Debian's main archive here"
	lq_main=$1
	lq_key=$(apt_key "${2:-/dev/null}")
	# shellcheck disable=SC2046
	set -- $(apt_entry '-security$')
	lq_security=${1-}

	echo "deb [signed-by=$lq_key] $lq_main $lq_base main"
	if [ -n "$lq_security" ]; then
		echo "deb [signed-by=$lq_key] $lq_security $lq_base-security main"
	fi
	if [ "$lq_base" != "$lq_suite" ]; then
		echo "deb [signed-by=$lq_key] $lq_main $lq_suite main"
	fi
}

# apt_options: what of the machine's apt configuration must follow into a
# chroot's (proxies, clock checks), one KEY "VALUE"; a line
apt_options()
{
	apt-config dump | grep -E '^Acquire::((https?|ftp)::|Check-|Retries)' || :
}

# apt_suite SUITE: prepare the private apt of SUITE, its index at most a day
# old. Sets lq_apt to its directory; fails when the mirror cannot be reached.
apt_suite()
{
	lq_apt=$LQ_CACHE/apt/$1
	mkdir -p "$lq_apt/lists/partial" "$lq_apt/cache/archives/partial" "$lq_apt/none"
	(
		flock 9
		[ -z "$(find "$lq_apt/fresh" -mmin -1440 2>/dev/null)" ] || exit 0
		apt_sources "$1" >"$lq_apt/sources.list"
		if ! apt_run get -q -q update --error-on=any >"$lq_apt/log" 2>&1; then
			sed 's/^/	/' "$lq_apt/log" >&2
			exit 1
		fi
		touch "$lq_apt/fresh"
	) 9>"$lq_apt/lock"
}

# apt_run get|cache ARGS...: apt-get or apt-cache on lq_apt
apt_run()
{
	lq_cmd=apt-$1
	shift
	"$lq_cmd" -o Dir::State="$lq_apt" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$lq_apt/cache" -o Dir::Etc::sourcelist="$lq_apt/sources.list" \
		-o Dir::Etc::sourceparts="$lq_apt/none" \
		-o Dir::Etc::preferencesparts="$lq_apt/none" -o APT::Sandbox::User="$(id -un)" \
		-o Debug::NoLocking=1 "$@"
}

# debootstrap_to DIR SUITE PACKAGES: a chroot of SUITE (and its backports) with
# the comma-separated PACKAGES. Owned by whoever runs this, without device
# nodes: enter() binds /dev.
debootstrap_to()
{
	apt_options >"$1.aptconf"
	mmdebstrap --quiet --variant=essential --aptopt="$1.aptconf" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$3" "${2%-backports}" "$1.tar" "$LQ_CACHE/apt/$2/sources.list" >&2
	mkdir "$1"
	tar -xf "$1.tar" -C "$1" --no-same-owner --exclude='./dev/*'
	rm "$1.tar" "$1.aptconf"
}
