#!/bin/sh
# Peers and workers in ELMAN_BENCH_FOLDER: a Python environment, Debian's headers
# and libraries (unpacked, not installed), the package in its own library, and
# the C++ workers. What is already there is not made again, except elman.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$bench")
build=$ELMAN_BENCH_FOLDER
mkdir -p "$build/bin" "$build/library" "$build/debian"

say() { printf '%s\n' "bench: $*" >&2; }

python_peers() {
  [ -x "$build/venv/bin/python" ] || python3 -m venv "$build/venv"
  stamp=$build/venv/requirements.done
  cmp -s "$bench/requirements.txt" "$stamp" && return
  say "installing the Python peers (some minutes)"
  "$build/venv/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$bench/requirements.txt"
  cp "$bench/requirements.txt" "$stamp"
}

# Unpacks Debian packages into a folder, so that no root is needed and the
# machine's own BLAS stays what it is.
debian_peers() {
  [ -e "$build/debian/done" ] && return
  command -v apt-get >/dev/null || {
    say "no apt-get: no oneDNN, no OpenBLAS"
    return
  }
  say "unpacking oneDNN, OpenBLAS and Eigen"
  (cd "$build/debian" && apt-get -qq -o APT::Sandbox::User=root download \
    libdnnl-dev libdnnl2 ocl-icd-libopencl1 libeigen3-dev \
    libopenblas-pthread-dev libopenblas0-pthread libgfortran5 libgomp1) || {
    say "Debian packages are not to be had: run 'apt-get update' as root first"
    return
  }
  for deb in "$build"/debian/*.deb; do dpkg -x "$deb" "$build/debian"; done
  rm "$build"/debian/*.deb
  touch "$build/debian/done"
}

# compile NAME SOURCE FLAGS... with R's own compiler and flags
compile() {
  name=$1
  source=$bench/workers/$2
  shift 2
  flags="$(R CMD config CXX17FLAGS) $(R CMD config CXX17STD)"
  # shellcheck disable=SC2046,SC2086
  $(R CMD config CXX17) $flags -I"$bench/workers" "$source" "$@" -pthread \
    -o "$build/bin/$name" || { say "$name did not compile"; return 1; }
}

# The same for a peer, whose worker changes only with its source.
peer() {
  for file in "$bench/workers/$2" "$bench/workers/worker.h"; do
    [ "$build/bin/$1" -nt "$file" ] || { compile "$@"; return; }
  done
}

cpp_workers() {
  libraries=$(dirname "$(find "$build/debian" -name 'libdnnl.so' | head -n 1)")
  eigen=$build/debian/usr/include/eigen3
  [ -d "$eigen" ] || eigen=$(Rscript -e \
    'cat(system.file("include", package = "RcppEigen"))')
  say "compiling the C++ workers"
  # elman's core is the very objects of the package that was just installed.
  compile core core.cpp "$root"/src/kernels*.o -I"$root/src"
  peer eigen_r_flags eigen.cpp -I"$eigen" -fopenmp
  peer eigen_avx2 eigen.cpp -I"$eigen" -fopenmp -O3 -mavx2 -mfma
  [ -e "$build/debian/done" ] || return 0
  peer onednn onednn.cpp -I"$build/debian/usr/include" -L"$libraries" \
    -Wl,--disable-new-dtags -Wl,-rpath,"$libraries" -ldnnl
  blas=$(dirname "$(find "$build/debian" -path '*-pthread/libopenblas.so')")
  peer openblas openblas.cpp -L"$blas" \
    -Wl,--disable-new-dtags -Wl,-rpath,"$blas" -lopenblas
}

package() {
  say "installing elman"
  cores=$(getconf _NPROCESSORS_ONLN)
  MAKEFLAGS=-j$cores R CMD INSTALL --preclean --no-docs --no-test-load \
    --library="$build/library" "$root" >"$build/install.log" 2>&1 || {
    cat "$build/install.log" >&2
    return 1
  }
}

python_peers
debian_peers
package
cpp_workers
