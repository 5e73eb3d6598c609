#!/usr/bin/env bash
# link.sh FOLDER OUTPUT: links the objects of `faultline` that SwiftPM left in FOLDER once more, so that the command runs on machines that have
# neither Swift nor Capstone nor libedit: it needs the C library and nothing else. Nothing is compiled again, so this takes seconds.
# It does not know what the objects hold.
set -euo pipefail
export LC_ALL=C
folder=$1 output=$2
fail() { echo "link.sh: $*" >&2; exit 1; }

mkdir -p "$(dirname "$output")"
# On macOS Swift's libraries are a part of the system.
if [ "$(uname)" != Linux ]; then cp "$folder/faultline" "$output"; exit; fi

resources=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)".*|\1|p')
target=$(swift -print-target-info | sed -n '0,/"triple"/s|.*"triple": "\(.*\)".*|\1|p')
[ -e "$resources"_static/linux/libswiftCore.a ] || fail "the toolchain has no static libraries ($resources"_static")"
clang=${resources%/lib/swift}/bin/clang
[ -x "$clang" ] || clang=clang

# In this folder the linker finds archives only, and it comes first on the linker's path.
archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
archive() {  # archive NAME: whether there is lib$NAME.a
  local path
  path=$("$clang" -print-file-name="lib$1.a")
  [ -e "$path" ] || path=$(pkg-config --variable=libdir "$1" 2>/dev/null)/lib$1.a
  [ -e "$path" ] && ln -sf "$path" "$archives/"
}
archive stdc++ || fail "there is no libstdc++.a"

# The libraries of others, and what their archives need.
libraries=()
needed=$(readelf -d "$folder/faultline" | sed -n 's/.*(NEEDED).*\[lib\([^].]*\)\.so.*/\1/p')
for name in capstone edit; do
  grep -qx "$name" <<<"$needed" || continue
  archive "$name" || fail "there is no lib$name.a"
  libraries+=("-l$name")
done
case " ${libraries[*]} " in
  *" -ledit "*) for name in tinfo bsd md; do ! archive $name || libraries+=("-l$name"); done ;;
esac
swift_libraries=()
for name in Foundation CoreFoundation FoundationInternationalization FoundationEssentials _FoundationCollections _FoundationCShims \
  _FoundationICU swiftObservation; do
  [ ! -e "$resources"_static/linux/lib$name.a ] || swift_libraries+=("-l$name")
done

swiftc -static-stdlib -L "$archives" -module-name faultline -emit-executable -o "$output" -target "$target" \
  -Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker --defsym -Xlinker main=faultline_main -Xlinker -s \
  "@$folder/faultline.product/Objects.LinkFileList" "${libraries[@]}" "${swift_libraries[@]}" -lstdc++ -Xclang-linker -static-libgcc \
  2>&1 | { grep -v 'warning: the use of .* is dangerous\|^/opt.*createTemporaryFile' || true; }
[ -s "$output" ] || fail "the linker wrote nothing"
